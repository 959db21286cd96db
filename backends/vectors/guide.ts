import { join } from "node:path";
import { z } from "zod";
import { openAtomic, writeAtomic, writeJson } from "../../support/atomic_write.ts";
import { sha256File } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { createKernel, type KernelChoice } from "../../kernels/kernel.ts";
import { quantisedWidth, quantiseQueries, quantiseRows, scoreError } from "../../kernels/maxsim_i8.ts";
import { column, topK } from "../../kernels/top_k.ts";
import { openRowReader, type RowFile } from "./rows.ts";
import { merge, rowsOf, type Scored, scorePassages, type ScorerWorkers, type Wanted } from "./scorer.ts";
import { verifyFiles } from "./verify.ts";
import type { Part } from "./work.ts";

/** A collection's rows in int8, which say what each passage can score at the most. */
export interface Guide {
  readonly width: number;
  /** uint8 `[tokens, width]`, 128 more than they mean. */
  readonly values: RowFile;
  /** float32 `[tokens]`. */
  readonly scales: RowFile;
  /** For each passage the largest norm of its rows, and the largest norm of what quantising them lost: float32 `[passages, 2]`. */
  readonly bounds: Float32Array;
}

const FILES = { values: "guide.values", scales: "guide.scales", bounds: "guide.bounds" } as const;
const file = z.object({ bytes: z.number(), sha256: z.string() });
const header = z.object({ width: z.int(), values: file, scales: file, bounds: file });

/** Writes the guide of a collection into `folder`. */
export function writeGuide(folder: string, embeddings: Embeddings, choice: KernelChoice): void {
  const { lengths, header: { dim } } = embeddings;
  const kernel = createKernel(choice);
  using reader = openRowReader(kernel, "stream");
  const width = quantisedWidth(dim);
  const bounds = new Float32Array(2 * lengths.length);
  using values = openAtomic(join(folder, FILES.values));
  using scales = openAtomic(join(folder, FILES.scales));
  for (const { file, tokens, first, passages } of embeddings.shards) {
    const bytes = reader.read({ file, bytes: tokens * dim * 2 });
    const rows = new Uint16Array(bytes.buffer, bytes.byteOffset, tokens * dim);
    const quantised = {
      width,
      values: new Uint8Array(tokens * width),
      scales: new Float32Array(tokens),
    };
    const errors = new Float32Array(tokens);
    quantiseRows(kernel, rows, dim, quantised, errors);
    passageBounds(rows, dim, errors, lengths.subarray(first, first + passages), bounds.subarray(2 * first));
    values.write(quantised.values);
    scales.write(new Uint8Array(quantised.scales.buffer));
  }
  values.commit();
  scales.commit();
  kernel.close();
  writeAtomic(join(folder, FILES.bounds), new Uint8Array(bounds.buffer));
  const describe = (name: string) => {
    const path = join(folder, name);
    return { bytes: Deno.statSync(path).size, sha256: sha256File(path) };
  };
  const [v, s, b] = [FILES.values, FILES.scales, FILES.bounds].map(describe);
  writeJson(join(folder, "guide.json"), { width, values: v, scales: s, bounds: b });
}

/**
 * Opens the guide of an index.
 *
 * @throws {LatebenchError} for files that are not those that were written
 */
export function openGuide(folder: string): Guide {
  const known = readJson(join(folder, "guide.json"), header, "an int8 guide");
  const names = ["values", "scales", "bounds"] as const;
  verifyFiles(
    join(folder, ".guide.verified.json"),
    names.map((name) => ({ file: join(folder, FILES[name]), ...known[name] })),
  );
  return {
    width: known.width,
    values: { file: join(folder, FILES.values), bytes: known.values.bytes },
    scales: { file: join(folder, FILES.scales), bytes: known.scales.bytes },
    bounds: new Float32Array(Deno.readFileSync(join(folder, FILES.bounds)).buffer),
  };
}

/**
 * The exact best `k` for some queries, from int8 scores and as few exact ones as can be proved to suffice. What quantising can
 * change in a passage's score is bounded ({@link scoreError}). The `k` passages that look best are scored exactly; the worst of
 * them is a score that the k-th best cannot fall below; of the others only those that could reach it are scored exactly too.
 */
export async function guidedSearch(
  workers: ScorerWorkers,
  guide: Guide,
  tasks: readonly (readonly Part[])[],
  group: readonly Wanted[],
): Promise<Scored[]> {
  const { setup, pool } = workers;
  const started = performance.now();
  const queries = group.map(({ query }) => query);
  const guesses = new Float32Array(new SharedArrayBuffer(4 * setup.lengths.length * group.length));
  await Promise.all(tasks.map((parts) => pool.run({ guess: queries, parts, out: guesses })));
  const ms = (performance.now() - started) / group.length;
  return await Promise.all(group.map((wanted, i) => {
    return settle(workers, guide, wanted, column(guesses, i, group.length), ms);
  }));
}

/** Scores exactly what could be among the best; `ms`: what guessing took. */
async function settle(
  workers: ScorerWorkers,
  { width, bounds }: Guide,
  { query, k }: Wanted,
  guesses: Float32Array,
  ms: number,
): Promise<Scored> {
  const started = performance.now();
  const first = topK(guesses, k);
  const exact = await scorePassages(workers, query, first.numbers);
  const least = first.numbers.length < k ? -Infinity : exact.scores[exact.scores.length - 1];
  const errors = quantiseQueries(createKernel({ name: "reference" }), [query]);
  const seen = new Uint8Array(guesses.length);
  for (const number of first.numbers) seen[number] = 1;
  const others: number[] = [];
  for (let number = 0; number < guesses.length; number++) {
    if (seen[number] || guesses[number] === -Infinity) continue;
    const error = scoreError(errors, 0, bounds[2 * number], bounds[2 * number + 1]);
    if (guesses[number] + error >= least) others.push(number);
  }
  const more = await scorePassages(workers, query, Int32Array.from(others));
  const rows = rowsOf(workers.setup);
  const best = merge([exact, more], k);
  const [a, b] = [exact.stages[0], more.stages[0]];
  return {
    ...best,
    stages: [
      {
        name: "int8",
        ms,
        macs: rows * query.rows * query.dim,
        bytes: rows * (width + 4),
        candidates: exact.numbers.length + more.numbers.length,
      },
      {
        name: a.name,
        ms: performance.now() - started,
        macs: a.macs + b.macs,
        bytes: a.bytes + b.bytes,
        candidates: best.numbers.length,
      },
    ],
  };
}

function passageBounds(
  rows: Uint16Array,
  dim: number,
  errors: Float32Array,
  lengths: Int32Array,
  bounds: Float32Array,
): void {
  const values = new Float16Array(rows.buffer, rows.byteOffset, rows.length);
  let row = 0;
  lengths.forEach((length, passage) => {
    let norm = 0;
    let error = 0;
    for (const end = row + length; row < end; row++) {
      let squares = 0;
      for (let d = row * dim; d < (row + 1) * dim; d++) squares += values[d] * values[d];
      norm = Math.max(norm, squares);
      error = Math.max(error, errors[row]);
    }
    bounds[2 * passage] = Math.sqrt(norm) * (1 + 2 ** -20);
    bounds[2 * passage + 1] = error;
  });
}
