import type { Rows } from "./loops.ts";

/** Rows of the reference's loops. */
export type Values = Float16Array | Float32Array | Int8Array | Uint8Array;

/** The numbers that rows hold. */
export function numbers(rows: Rows, half: number): Float16Array | Float32Array {
  if (half === 0) return rows as Float32Array;
  return new Float16Array(rows.buffer, rows.byteOffset, rows.length);
}

/** Product of two rows. */
export function dot(a: Values, i: number, b: Values, j: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i + d] * b[j + d];
  return sum;
}

/** To the nearest whole number, ties to even. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
