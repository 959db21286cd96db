import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { drawEncoding, type FdeSettings, openFdeEncoder } from "../../backends/muvera/encoding.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { createKernel } from "../../kernels/kernel.ts";
import { clusteredQuery, clusteredRows } from "../fixtures/random_embeddings.ts";
import { builds } from "../kernels/builds.ts";

const DIM = 24;
const SETTINGS: FdeSettings = { k_sim: 3, d_proj: 5, r_reps: 4, d_final: 0, seed: 9 };

/** The paper's §2.1 and §2.2, written down plainly. */
function plainEncoding({ data, rows, dim }: Matrix, settings: FdeSettings, kind: "query" | "passage"): number[] {
  const { k_sim, d_proj, r_reps } = settings;
  const { columns, dims, sketch } = drawEncoding(dim, settings);
  const vectors = Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]);
  const row = (number: number) => [...columns.subarray(number * dim, (number + 1) * dim)];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, d) => sum + value * b[d], 0);
  const whole: number[] = [];
  for (let rep = 0; rep < r_reps; rep++) {
    const first = rep * (k_sim + d_proj);
    const signs = vectors.map((vector) => Array.from({ length: k_sim }, (_, i) => dot(row(first + i), vector) > 0));
    const projected = vectors.map((vector) =>
      Array.from({ length: d_proj }, (_, i) => dot(row(first + k_sim + i), vector))
    );
    for (let bucket = 0; bucket < 2 ** k_sim; bucket++) {
      const wanted = Array.from({ length: k_sim }, (_, i) => ((bucket >> (k_sim - 1 - i)) & 1) === 1);
      const distances = signs.map((own) => own.filter((sign, i) => sign !== wanted[i]).length);
      let members = distances.flatMap((distance, i) => distance === 0 ? [i] : []);
      if (members.length === 0 && kind === "passage") members = [distances.indexOf(Math.min(...distances))];
      for (let d = 0; d < d_proj; d++) {
        const sum = members.reduce((sum, i) => sum + projected[i][d], 0);
        whole.push(kind === "query" ? sum : sum / members.length);
      }
    }
  }
  if (!sketch) return whole;
  const out = new Array<number>(dims).fill(0);
  whole.forEach((value, i) => out[sketch.places[i]] += sketch.signs[i] * value);
  return out;
}

const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  strictEqual(a.length, b.length);
  for (let i = 0; i < a.length; i++) {
    ok(Math.abs(a[i] - b[i]) < 1e-4 * (1 + Math.abs(b[i])), `${i}: ${a[i]}, not ${b[i]}`);
  }
};

for (const d_final of [0, 37]) {
  Deno.test(`encodings are those of the paper's definition${d_final ? ", also after the sketch" : ""}`, async () => {
    const settings = { ...SETTINGS, d_final };
    for (const choice of await builds()) {
      const kernel = createKernel(choice);
      const encoder = openFdeEncoder(kernel, DIM, settings);
      strictEqual(encoder.dims, d_final || 4 * 8 * 5);
      const query = clusteredQuery(7, DIM, 10, 1);
      close(encoder.query(query), plainEncoding(query, settings, "query"));
      const lengths = Int32Array.from([3, 1, 12, 40]);
      const rows = Float16Array.from(clusteredRows(56, DIM, 10, 3));
      const encoded = encoder.passages(new Uint16Array(rows.buffer), lengths);
      let first = 0;
      lengths.forEach((length, i) => {
        const data = Float32Array.from(rows.subarray(first * DIM, (first + length) * DIM));
        const expected = plainEncoding({ data, rows: length, dim: DIM }, settings, "passage");
        close(encoded.subarray(i * encoder.dims, (i + 1) * encoder.dims), expected);
        first += length;
      });
      kernel.close();
    }
  });
}

Deno.test("a passage's encoding does not depend on those beside it; one without vectors is zero", () => {
  const kernel = createKernel({ name: "wasm" });
  const encoder = openFdeEncoder(kernel, DIM, SETTINGS);
  const lengths = Int32Array.from({ length: 200 }, (_, i) => i % 9);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const rows = new Uint16Array(Float16Array.from(clusteredRows(total, DIM, 10, 4)).buffer);
  const all = encoder.passages(rows, lengths);
  let first = 0;
  lengths.forEach((length, i) => {
    const alone = encoder.passages(rows.subarray(first * DIM, (first + length) * DIM), Int32Array.of(length));
    deepStrictEqual(alone, all.slice(i * encoder.dims, (i + 1) * encoder.dims));
    if (length === 0) ok(alone.every((value) => value === 0));
    first += length;
  });
  kernel.close();
});

Deno.test("products approximate the sum of MaxSim, the better the more columns there are", () => {
  const kernel = createKernel({ name: "wasm" });
  const query = clusteredQuery(8, DIM, 10, 2);
  const count = 120;
  const rows = clusteredRows(6 * count, DIM, 10, 6);
  const exact = Array.from({ length: count }, (_, passage) => {
    let sum = 0;
    for (let q = 0; q < query.rows; q++) {
      let best = -Infinity;
      for (let t = 6 * passage; t < 6 * (passage + 1); t++) {
        let product = 0;
        for (let d = 0; d < DIM; d++) product += query.data[q * DIM + d] * rows[t * DIM + d];
        best = Math.max(best, product);
      }
      sum += best;
    }
    return sum;
  });
  const correlation = (settings: FdeSettings) => {
    const encoder = openFdeEncoder(kernel, DIM, settings);
    const own = encoder.query(query);
    const encoded = encoder.passages(rows, new Int32Array(count).fill(6));
    const products = Array.from({ length: count }, (_, p) => {
      return own.reduce((sum, value, d) => sum + value * encoded[p * encoder.dims + d], 0) / settings.r_reps;
    });
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [a, b] = [mean(products), mean(exact)];
    const over = (f: (i: number) => number) => products.reduce((sum, _, i) => sum + f(i), 0);
    return over((i) => (products[i] - a) * (exact[i] - b)) /
      Math.sqrt(over((i) => (products[i] - a) ** 2) * over((i) => (exact[i] - b) ** 2));
  };
  const SEEDS = [1, 2, 3, 4, 5];
  const average = (settings: FdeSettings) =>
    SEEDS.reduce((sum, seed) => sum + correlation({ ...settings, seed }), 0) / SEEDS.length;
  const few = average({ ...SETTINGS, r_reps: 2, d_proj: 4 });
  const many = average({ ...SETTINGS, r_reps: 40, d_proj: 24 });
  ok(many > 0.85 && many > few + 0.1, `${few}, ${many}`);
  kernel.close();
});

Deno.test("encodings that were drawn before seeds were mixed are drawn again as they were", () => {
  const before = drawEncoding(DIM, SETTINGS);
  const now = drawEncoding(DIM, { ...SETTINGS, draw: "mixed" });
  deepStrictEqual(before, drawEncoding(DIM, SETTINGS));
  ok(now.columns.some((value, i) => value !== before.columns[i]));
  // What the unmixed generator gave for seed 9: indexes on disk depend on it.
  deepStrictEqual([...before.columns.subarray(0, 3)].map((value) => value.toFixed(4)), ["2.1575", "-0.2073", "1.6571"]);
});
