import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { assignByRegions, assignExactly } from "../../kernels/k_means/assign.ts";
import { listMembers } from "../../kernels/k_means/lists.ts";
import { type KMeansPool, startKMeansPool } from "../../kernels/k_means/pool.ts";
import { assign, type KMeansOptions, nearbyShare, openRegions, trainKMeans } from "../../kernels/k_means/train.ts";
import { builds, randomValues } from "./builds.ts";

const DIM = 16;

/** Unit rows around `groups` directions. */
function clusteredRows(
  count: number,
  groups: number,
  seed: number,
): { rows: Float32Array<SharedArrayBuffer>; dim: number } {
  const random = randomValues(seed);
  const middles = Float32Array.from({ length: groups * DIM }, random);
  const rows = new Float32Array(new SharedArrayBuffer(4 * count * DIM));
  for (let i = 0; i < count; i++) {
    let squares = 0;
    for (let d = 0; d < DIM; d++) {
      const value = middles[(i % groups) * DIM + d] + 0.1 * random();
      rows[i * DIM + d] = value;
      squares += value * value;
    }
    for (let d = 0; d < DIM; d++) rows[i * DIM + d] /= Math.sqrt(squares);
  }
  return { rows, dim: DIM };
}

async function withPool<T>(threads: number, act: (pool: KMeansPool) => Promise<T>): Promise<T> {
  const pool = await startKMeansPool((await builds()).at(-1)!, threads);
  try {
    return await act(pool);
  } finally {
    pool.close();
  }
}

const OPTIONS: KMeansOptions = { k: 40, iterations: 5, seed: 123, nearby: 1 };

Deno.test("k-means finds clusters, and each round is at least as good as the one before", async () => {
  const data = clusteredRows(4000, 8, 1);
  const means: number[] = [];
  const centroids = await withPool(2, (pool) => {
    return trainKMeans(pool, data, { ...OPTIONS, onRound: (_, mean) => means.push(mean) });
  });
  strictEqual(centroids.length, 40 * DIM);
  for (let c = 0; c < 40; c++) {
    const norm = Math.hypot(...centroids.subarray(c * DIM, (c + 1) * DIM));
    ok(Math.abs(norm - 1) < 1e-5, `centroid ${c} has length ${norm}`);
  }
  ok(means.every((mean, i) => i === 0 || mean >= means[i - 1] - 1e-6), means.join());
  ok(means.at(-1)! > 0.98, `the mean product is ${means.at(-1)}`);
});

Deno.test("the number of threads changes nothing, the seed does", async () => {
  const data = clusteredRows(3000, 5, 2);
  const run = (threads: number, seed: number) =>
    withPool(threads, (pool) => trainKMeans(pool, data, { ...OPTIONS, seed }));
  const [one, three, other] = [await run(1, 1), await run(3, 1), await run(1, 2)];
  deepStrictEqual(new Float32Array(one), new Float32Array(three));
  ok(one.some((value, i) => value !== other[i]));
});

Deno.test("regions: comparing with all centroids is exact, with a part of them nearly as good", async () => {
  const data = clusteredRows(6000, 60, 3);
  await withPool(2, async (pool) => {
    const centroids = await trainKMeans(pool, data, { ...OPTIONS, k: 100 });
    const exact = await assignExactly(pool, data, centroids);
    const all = await assignByRegions(pool, data, await openRegions(pool, centroids, DIM, 1, 1));
    deepStrictEqual(new Int32Array(all.nearest), new Int32Array(exact.nearest));
    const mean = (scores: Float32Array) => scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const losses: number[] = []; // by seed: whether some cluster lies between two regions is chance
    for (let seed = 1; seed <= 6; seed++) {
      const part = await assignByRegions(pool, data, await openRegions(pool, centroids, DIM, 0.25, seed));
      part.scores.forEach((score, i) => ok(score <= exact.scores[i] + 1e-6));
      losses.push(mean(exact.scores) - mean(part.scores));
    }
    ok(losses.reduce((sum, loss) => sum + loss, 0) / losses.length < 0.01, `losses of ${losses}`);
  });
});

Deno.test("more than a thousand centroids go through regions", async () => {
  const data = clusteredRows(5000, 50, 4);
  await withPool(2, async (pool) => {
    const options = { ...OPTIONS, k: 1200, iterations: 2, nearby: 1 / 4 };
    const centroids = await trainKMeans(pool, data, options);
    const { nearest, scores } = await assign(pool, data, centroids, options);
    ok(nearest.every((centroid) => centroid >= 0 && centroid < 1200));
    nearest.forEach((centroid, row) => {
      let dot = 0;
      for (let d = 0; d < DIM; d++) dot += centroids[centroid * DIM + d] * data.rows[row * DIM + d];
      ok(Math.abs(dot - scores[row]) < 1e-5);
    });
  });
});

Deno.test("nearby=auto: an eighth of up to 16,384 centroids, beyond that 16 times their square root", () => {
  deepStrictEqual([1024, 16_384].map((k) => nearbyShare("auto", k)), [1 / 8, 1 / 8]);
  deepStrictEqual([65_536, 262_144].map((k) => k * nearbyShare("auto", k)), [4096, 8192]);
  strictEqual(nearbyShare(1 / 2, 65_536), 1 / 2);
});

Deno.test("every centroid keeps a direction, also where rows are all alike", async () => {
  const rows = new Float32Array(new SharedArrayBuffer(4 * 50 * DIM)).fill(0.25);
  const centroids = await withPool(1, (pool) => trainKMeans(pool, { rows, dim: DIM }, { ...OPTIONS, k: 10 }));
  ok(centroids.every((value) => Math.abs(value - 0.25) < 1e-6));
});

Deno.test("fewer rows than centroids are refused", async () => {
  const data = clusteredRows(10, 2, 1);
  await withPool(1, (pool) => rejects(trainKMeans(pool, data, OPTIONS), RangeError));
});

Deno.test("members of groups are listed in order", () => {
  const { numbers, offsets } = listMembers(Int32Array.of(2, 0, 2, 0, 2), 4);
  deepStrictEqual([...numbers], [1, 3, 0, 2, 4]);
  deepStrictEqual([...offsets], [0, 2, 2, 5, 5]);
});

Deno.test("by squared distances: centroids are means, and rows with a 1 behind them find the nearest", async () => {
  const random = randomValues(21);
  const [count, k, dim] = [400, 12, 5];
  const rows = new Float32Array(new SharedArrayBuffer(4 * count * (dim + 1)));
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < dim; d++) rows[i * (dim + 1) + d] = 3 * random() + (i % 4);
    rows[i * (dim + 1) + dim] = 1;
  }
  const data = { rows, dim: dim + 1 };
  const distance = (row: number, centroids: Float32Array, c: number) => {
    let sum = 0;
    for (let d = 0; d < dim; d++) sum += (rows[row * (dim + 1) + d] - centroids[c * (dim + 1) + d]) ** 2;
    return sum;
  };
  const errors: number[] = [];
  for (const iterations of [1, 3, 10]) {
    const centroids = await withPool(2, (pool) => {
      return trainKMeans(pool, data, { k, iterations, seed: 1, nearby: 1, metric: "l2" });
    });
    const { nearest } = await withPool(1, (pool) => assignExactly(pool, data, centroids));
    let error = 0;
    for (let i = 0; i < count; i++) {
      const best = Math.min(...Array.from({ length: k }, (_, c) => distance(i, centroids, c)));
      ok(distance(i, centroids, nearest[i]) <= best + 1e-4);
      error += best;
    }
    errors.push(error);
    for (let c = 0; c < k; c++) {
      const centroid = centroids.subarray(c * (dim + 1), (c + 1) * (dim + 1));
      const squares = centroid.subarray(0, dim).reduce((sum, value) => sum + value * value, 0);
      ok(Math.abs(centroid[dim] + squares / 2) < 1e-3);
    }
  }
  ok(errors[1] < errors[0] && errors[2] <= errors[1], errors.join(" "));
});
