import type { SharedRows } from "./assign.ts";
import { type KMeansPool, runSplit } from "./pool.ts";
import type { EncodeTask } from "./worker.ts";

/** Rows a task. */
const ROWS = 1 << 14;

/** Packs the residuals of rows on all threads; every array is shared, and each row's result has its own place. */
export async function encodeResiduals(
  pool: KMeansPool,
  { rows, dim }: SharedRows,
  codec: Pick<EncodeTask, "centroids" | "nbits" | "cutoffs" | "weights">,
  names: Int32Array,
  { residuals, factors }: Pick<EncodeTask, "residuals" | "factors">,
): Promise<void> {
  const bytes = dim * codec.nbits / 8;
  await runSplit(pool, names.length, ROWS, (from, until) => ({
    encode: {
      ...codec,
      dim,
      rows: rows.subarray(from * dim, until * dim),
      names: names.subarray(from, until),
      residuals: residuals.subarray(from * bytes, until * bytes),
      factors: factors.subarray(from, until),
    },
  }));
}
