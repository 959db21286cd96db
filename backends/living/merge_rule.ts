/**
 * How many of some parts stay as they are when another one comes: the last ones, as long as they are no more than twice as large as
 * all that follows them, are to be merged with it. There are then about log2 of the total many parts, and nothing is copied more
 * often than that. The first part is what the index was built with, and always stays.
 *
 * @param sizes of the parts, in order
 * @param added size of what comes
 */
export function keptParts(sizes: readonly number[], added: number): number {
  let kept = sizes.length;
  for (let after = added; kept > 1 && sizes[kept - 1] <= 2 * after; kept--) after += sizes[kept - 1];
  return kept;
}
