import { addMacs } from "../../encoders/flops/macs.ts";
import { createKernel } from "../../kernels/kernel.ts";
import { quantiseQueries, scoreError } from "../../kernels/maxsim_i8.ts";
import { column, topK } from "../../kernels/top_k.ts";
import { merge, rowsOf, type Scored, scorePassages, type ScorerWorkers, type Wanted } from "./exact_search.ts";
import { type StageTrace, traceStages } from "../stages.ts";
import type { Guide } from "./guide.ts";
import type { Part } from "./work.ts";

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
  const { setup, pool, tracing } = workers;
  const traces = group.map(() => traceStages(tracing, group.length));
  const queries = group.map(({ query }) => query);
  const guesses = new Float32Array(new SharedArrayBuffer(4 * setup.lengths.length * group.length));
  await Promise.all(tasks.map((parts) => pool.run({ guess: queries, parts, out: guesses })));
  const rows = rowsOf(setup);
  group.forEach(({ query }, i) => {
    traces[i].end("int8", { float: 0, integer: rows * query.rows * query.dim }, rows * (guide.width + 4), 0);
  });
  return await Promise.all(group.map((wanted, i) => {
    return settle(workers, guide, wanted, column(guesses, i, group.length), traces[i]);
  }));
}

/** Scores exactly what could be among the best; `trace` has what guessing took. */
async function settle(
  workers: ScorerWorkers,
  { bounds }: Guide,
  { query, k }: Wanted,
  guesses: Float32Array,
  trace: StageTrace,
): Promise<Scored> {
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
  const best = merge([exact, more], k);
  const [a, b] = [...exact.stages, ...more.stages];
  if (a) trace.end(a.name, addMacs(a.macs, b.macs), a.bytes + b.bytes, best.numbers.length);
  const scored = exact.numbers.length + more.numbers.length;
  return { ...best, stages: trace.stages.map((stage, i) => i === 0 ? { ...stage, candidates: scored } : stage) };
}
