import { seededRandom } from "../../support/random.ts";
import type { SharedRows } from "./assign.ts";
import { encodeRowsInParts } from "./encode.ts";
import type { KMeansPool } from "./pool.ts";
import { trainKMeans } from "./train.ts";
import type { ProductTask } from "./worker.ts";

/** Rows a centroid beyond which FAISS leaves rows out. */
const MOST_EACH = 256;

/**
 * Trains the codebooks of product quantisation as FAISS does (`ProductQuantizer::train`): k-means by squared distances for each part.
 *
 * @param rows float32 `[n, dim]`
 * @param onPart told how many parts are done
 * @returns float32 `[m, ksub, dim / m]`; with fewer rows than entries the last entry is repeated
 */
export async function trainProductCodebooks(
  pool: KMeansPool,
  rows: Float32Array,
  dim: number,
  { m, ksub, iterations, seed }: {
    readonly m: number;
    readonly ksub: number;
    readonly iterations: number;
    readonly seed: number;
  },
  onPart?: (done: number) => void,
): Promise<Float32Array<ArrayBuffer>> {
  const dsub = dim / m;
  const codebooks = new Float32Array(ksub * dim);
  for (let j = 0; j < m; j++) {
    const options = { k: Math.min(ksub, rows.length / dim), iterations, seed: seed + 1 + j };
    const own = await clusterColumns(pool, rows, dim, j * dsub, dsub, options);
    for (let entry = 0; entry < ksub; entry++) {
      const from = Math.min(entry, own.length / (dsub + 1) - 1) * (dsub + 1);
      codebooks.set(own.subarray(from, from + dsub), (j * ksub + entry) * dsub);
    }
    onPart?.(j + 1);
  }
  return codebooks;
}

/** k-means by squared distances over some columns of rows; gives `[k, width + 1]`. */
export async function clusterColumns(
  pool: KMeansPool,
  rows: Float32Array,
  dim: number,
  first: number,
  width: number,
  { k, iterations, seed }: { readonly k: number; readonly iterations: number; readonly seed: number },
): Promise<Float32Array<SharedArrayBuffer>> {
  const chosen = drawRows(rows.length / dim, k * MOST_EACH, seed);
  const part = withOnes(pool, rows, dim, first, width, chosen);
  return await trainKMeans(pool, { rows: part, dim: width + 1 }, { k, iterations, seed, nearby: 1, metric: "l2" });
}

/** Encodes what is left of rows by product quantisation, on all threads; every array is shared, and each row's result has its own place. */
export async function encodeProducts(
  pool: KMeansPool,
  data: SharedRows,
  codec: Pick<ProductTask, "centroids" | "entries" | "m">,
  names: Int32Array,
  codes: Uint8Array,
): Promise<void> {
  const { m } = codec;
  await encodeRowsInParts(pool, data, names, (part, from, until) => {
    return { product: { ...codec, ...part, codes: codes.subarray(from * m, until * m) } };
  });
}

/** Some columns of some rows, with a 1 behind them: what k-means by distances wants. */
export function withOnes(
  pool: KMeansPool,
  rows: Float32Array | Float16Array,
  dim: number,
  first: number,
  width: number,
  chosen: Int32Array,
): Float32Array {
  const bytes = pool.allocate(4 * chosen.length * (width + 1));
  const part = new Float32Array(bytes.buffer, bytes.byteOffset, chosen.length * (width + 1));
  chosen.forEach((row, i) => {
    for (let d = 0; d < width; d++) part[i * (width + 1) + d] = rows[row * dim + first + d];
    part[i * (width + 1) + width] = 1;
  });
  return part;
}

function drawRows(count: number, most: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  if (count <= most) return all;
  const random = seededRandom(seed);
  for (let i = 0; i < most; i++) {
    const other = i + Math.floor(random() * (count - i));
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all.slice(0, most);
}
