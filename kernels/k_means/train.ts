import { seededRandom } from "../../support/random.ts";
import { assignByRegions, assignExactly, type Assignment, type Regions, type SharedRows } from "./assign.ts";
import { listMembers } from "./lists.ts";
import { type KMeansPool, runSplit } from "./pool.ts";

/** How {@link trainKMeans} works. */
export interface KMeansOptions {
  /** Number of centroids. */
  readonly k: number;
  /** Rounds of assignment and averaging (ColBERT's `kmeans_niters`). */
  readonly iterations: number;
  readonly seed: number;
  /** Share of the centroids that a row is compared with: 1 compares all, `auto` follows their number ({@link nearbyShare}). */
  readonly nearby: number | "auto";
  /**
   * `cosine` (default): spherical. `l2`: squared distances, as FAISS clusters; rows then end in a 1 and centroids in −½‖centroid‖²,
   * so that the largest product is the smallest distance.
   */
  readonly metric?: "cosine" | "l2";
  /** Told after each round, with the mean product of rows and their centroids. */
  onRound?(round: number, meanProduct: number): void;
}

/**
 * Defaults: FAISS's seed in ColBERT. Six rounds in which rows are compared with an eighth of the centroids leave no larger error
 * than ColBERT's four with all of them, in a fifth of the time (`deno task bench k-means`).
 */
export const K_MEANS_DEFAULTS = { iterations: 6, seed: 123, nearby: "auto" } as const;

/**
 * The share of `k` centroids that a row is compared with. `auto`: an eighth of up to 16,384, and 16 √k of more, so that a row's
 * comparisons grow as the number of regions does and building as rows^1.25.
 */
export function nearbyShare(nearby: number | "auto", k: number): number {
  return nearby === "auto" ? Math.min(1 / 8, 16 / Math.sqrt(k)) : nearby;
}

/** Below this number of centroids, comparing all of them is as fast. */
const FEW = 1024;
/** Rounds in which the regions' middles are found; they need not be good. */
const REGION_ROUNDS = 3;
/** Regions a task. */
const REGIONS = 16;

/**
 * k-means. Over unit rows it is spherical unless told otherwise: the product is compared, and centroids are averages made unit
 * length, as ColBERT v2 indexes (`collection_indexer.py`, FAISS's `Kmeans`, then normalised). Begins with rows drawn at random. A centroid without rows begins
 * anew at a row that was drawn. The result depends on rows, options and kernel build, never on the number of threads.
 *
 * @returns float32 `[k, dim]`
 * @throws {RangeError} where there are fewer rows than centroids
 */
export async function trainKMeans(
  pool: KMeansPool,
  data: SharedRows,
  options: KMeansOptions,
): Promise<Float32Array<SharedArrayBuffer>> {
  const { rows, dim } = data;
  const { k, iterations, seed, metric = "cosine" } = options;
  const count = rows.length / dim;
  const begin = (centroid: number) => {
    copyRow(data, draw(), centroids, centroid);
    if (metric === "l2") endInHalfSquare(centroids.subarray(centroid * dim, (centroid + 1) * dim));
  };
  if (count < k) throw new RangeError(`${count} rows are too few for ${k} centroids`);
  const draw = drawRows(count, seed);
  const centroids = new Float32Array(new SharedArrayBuffer(4 * k * dim));
  for (let c = 0; c < k; c++) begin(c);
  for (let round = 1; round <= iterations; round++) {
    const { nearest, scores } = await assign(pool, data, centroids, options);
    options.onRound?.(round, scores.reduce((sum, score) => sum + score, 0) / count);
    const members = listMembers(nearest, k);
    await sumMembers(pool, data, members, centroids);
    for (let c = 0; c < k; c++) {
      const centroid = centroids.subarray(c * dim, (c + 1) * dim);
      if (metric === "cosine") makeUnit(centroid);
      else makeMean(centroid, members.offsets[c + 1] - members.offsets[c]);
    }
    for (let c = 0; c < k; c++) {
      if (members.offsets[c + 1] === members.offsets[c]) begin(c);
    }
  }
  return centroids;
}

/** Assigns rows to centroids as the options say: all compared, or those near a row's region. */
export async function assign(
  pool: KMeansPool,
  data: SharedRows,
  centroids: Float32Array<SharedArrayBuffer>,
  options: Pick<KMeansOptions, "nearby" | "seed">,
): Promise<Assignment> {
  return await assignWithin(pool, data, centroids, await regionsFor(pool, centroids, data.dim, options));
}

/** The regions with which many rows can be assigned; null where comparing all centroids is wanted, or as fast. */
export async function regionsFor(
  pool: KMeansPool,
  centroids: Float32Array<SharedArrayBuffer>,
  dim: number,
  { nearby, seed }: Pick<KMeansOptions, "nearby" | "seed">,
): Promise<Regions | null> {
  const k = centroids.length / dim;
  const share = nearbyShare(nearby, k);
  if (share >= 1 || k < FEW) return null;
  return await openRegions(pool, centroids, dim, share, seed);
}

/** Assigns rows with regions, or by comparing all centroids. */
export async function assignWithin(
  pool: KMeansPool,
  data: SharedRows,
  centroids: Float32Array,
  regions: Regions | null,
): Promise<Assignment> {
  return await (regions ? assignByRegions(pool, data, regions) : assignExactly(pool, data, centroids));
}

/**
 * Finds regions: √k middles by k-means over the centroids themselves, and for each the `nearby` share of the centroids that are
 * nearest to it.
 */
export async function openRegions(
  pool: KMeansPool,
  centroids: Float32Array<SharedArrayBuffer>,
  dim: number,
  nearby: number,
  seed: number,
): Promise<Regions> {
  const k = centroids.length / dim;
  const regions = Math.round(Math.sqrt(k));
  const own = { rows: centroids, dim };
  const middles = await trainKMeans(pool, own, { k: regions, iterations: REGION_ROUNDS, seed, nearby: 1 });
  const listed = Math.max(1, Math.round(k * nearby));
  const lists = Array.from({ length: regions }, () => new Int32Array(new SharedArrayBuffer(4 * listed)));
  await runSplit(pool, regions, REGIONS, (from, until) => {
    const part = { middles: middles.subarray(from * dim, until * dim), lists: lists.slice(from, until) };
    return { nearby: { ...part, dim, centroids } };
  });
  return { centroids, middles, nearby: lists };
}

/** Centroids become their rows' sums. */
async function sumMembers(
  pool: KMeansPool,
  { rows, dim }: SharedRows,
  { numbers, offsets }: ReturnType<typeof listMembers>,
  centroids: Float32Array<SharedArrayBuffer>,
): Promise<void> {
  const k = offsets.length - 1;
  const each = Math.max(1, Math.ceil(k / (8 * pool.size)));
  await runSplit(pool, k, each, (from, until) => {
    const sums = centroids.subarray(from * dim, until * dim);
    return { sum: { rows, dim, numbers, offsets: offsets.subarray(from, until + 1), sums } };
  });
}

function makeUnit(centroid: Float32Array): void {
  let squares = 0;
  for (const value of centroid) squares += value * value;
  const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let d = 0; d < centroid.length; d++) centroid[d] *= factor;
}

function makeMean(centroid: Float32Array, rows: number): void {
  for (let d = 0; d < centroid.length; d++) centroid[d] /= Math.max(rows, 1);
  endInHalfSquare(centroid);
}

/** The last place becomes −½ of the others' squares: the largest product with a row that ends in 1 is then the smallest distance. */
export function endInHalfSquare(centroid: Float32Array): void {
  let squares = 0;
  for (let d = 0; d < centroid.length - 1; d++) squares += centroid[d] * centroid[d];
  centroid[centroid.length - 1] = -squares / 2;
}

/** Numbers below `count` in random order, none twice; from the beginning again when all were drawn. */
function drawRows(count: number, seed: number): () => number {
  const random = seededRandom(seed);
  const drawn = new Map<number, number>(); // a shuffle of which only the touched places are kept
  let left = count;
  return () => {
    if (left === 0) {
      left = count;
      drawn.clear();
    }
    const place = Math.floor(random() * left--);
    const row = drawn.get(place) ?? place;
    drawn.set(place, drawn.get(left) ?? left);
    return row;
  };
}

function copyRow({ rows, dim }: SharedRows, row: number, target: Float32Array, place: number): void {
  const part = rows.subarray(row * dim, (row + 1) * dim);
  const values = part instanceof Uint16Array ? new Float16Array(part.buffer, part.byteOffset, dim) : part;
  for (let d = 0; d < dim; d++) target[place * dim + d] = values[d];
}
