import type { SharedRows } from "./assign.ts";
import { type KMeansPool, runSplit } from "./pool.ts";
import type { EncodeTask, KMeansTask } from "./worker.ts";

/** Rows a task. */
const ROWS = 1 << 14;

/**
 * Encodes rows, each with the centroid that `names` has for it, on all threads.
 *
 * @param task of a part of the rows, which are those from `from` to `until`
 */
export async function encodeRowsInParts(
  pool: KMeansPool,
  { rows, dim }: SharedRows,
  names: Int32Array,
  task: (part: Pick<EncodeTask, "dim" | "rows" | "names">, from: number, until: number) => KMeansTask,
): Promise<void> {
  await runSplit(pool, names.length, ROWS, (from, until) => {
    return task({ dim, rows: rows.subarray(from * dim, until * dim), names: names.subarray(from, until) }, from, until);
  });
}

/** Packs the residuals of rows on all threads; every array is shared, and each row's result has its own place. */
export async function encodeResiduals(
  pool: KMeansPool,
  data: SharedRows,
  codec: Pick<EncodeTask, "centroids" | "nbits" | "cutoffs" | "weights">,
  names: Int32Array,
  { residuals, factors }: Pick<EncodeTask, "residuals" | "factors">,
): Promise<void> {
  const bytes = data.dim * codec.nbits / 8;
  await encodeRowsInParts(pool, data, names, (part, from, until) => ({
    encode: {
      ...codec,
      ...part,
      residuals: residuals.subarray(from * bytes, until * bytes),
      factors: factors.subarray(from, until),
    },
  }));
}
