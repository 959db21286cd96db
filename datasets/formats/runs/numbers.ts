/** Exact powers of ten. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Bytes of a number at most: 2⁻¹⁰⁷⁴ has 767 digits that count, and programs write twenty. */
const LONGEST = 4096;

const DIGIT_0 = 0x30;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * The number that some ASCII bytes write in decimal, correctly rounded; NaN where they write none (`nan`, `inf`, hexadecimal and
 * blanks included) or one beyond the range of float64,
 * and for more than 4,096 bytes.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at++;
  let digits = 0;
  let decimals = 0;
  let point = false;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at] - DIGIT_0;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
      if (point) decimals++;
    } else if (bytes[at] === 0x2e && !point) point = true;
    else break;
  }
  // Both the digits and the power of ten are exact here, so that one division rounds once (Clinger, PLDI 1990).
  if (at === end && digits > 0 && value <= Number.MAX_SAFE_INTEGER && decimals < POWERS.length) {
    const size = decimals === 0 ? value : value / POWERS[decimals];
    return negative ? -size : size;
  }
  if (end - start > LONGEST) return NaN;
  const text = String.fromCharCode(...bytes.subarray(start, end));
  const number = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : NaN;
}

/** The whole number that some ASCII bytes write; NaN where they write none. */
export function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = bytes[at] === 0x2d;
  if (negative || bytes[at] === 0x2b) at++;
  if (at === end) return NaN;
  let value = 0;
  for (; at < end; at++) {
    const digit = bytes[at] - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}
