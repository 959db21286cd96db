/**
 * A number with a fixed count of decimals as C's `printf("%.4f")` prints it, and so trec_eval: a value that lies exactly between
 * two goes to the even one (0.15625 → 0.1562), where JavaScript's `toFixed` goes up.
 */
export function printFixed(value: number, decimals = 4): string {
  const exact = value.toFixed(decimals + 30); // more digits than any double near a tie can hide behind
  const isTie = new RegExp(`^-?\\d+\\.\\d{${decimals}}50*$`).test(exact);
  if (!isTie) return value.toFixed(decimals);
  const below = exact.slice(0, exact.length - 30);
  return Number(below.at(-1)) % 2 === 0 ? below : value.toFixed(decimals);
}
