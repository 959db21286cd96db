import { z } from "zod";

/** What {@link Macs} are in files. */
export const macsSchema = z.strictObject({ float: z.number(), integer: z.number() });

/**
 * Multiply–accumulates, on floating-point numbers and on integers apart: one of bytes costs a fraction of one of floats.
 * FLOPs are twice this (SIGIR'20, Table 1, counts so).
 */
export type Macs = Readonly<z.infer<typeof macsSchema>>;

/** No work. */
export const NO_MACS: Macs = { float: 0, integer: 0 };

/** The work of both. */
export function addMacs(a: Macs, b: Macs): Macs {
  return { float: a.float + b.float, integer: a.integer + b.integer };
}

/** The same work several times. */
export function timesMacs({ float, integer }: Macs, factor: number): Macs {
  return { float: float * factor, integer: integer * factor };
}
