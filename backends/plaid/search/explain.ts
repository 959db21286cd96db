import type { Matrix } from "../../../encoders/encoder.ts";
import type { PassageTrace, TracedStage } from "../../backend.ts";
import { numbersOf } from "../../vectors/rows.ts";
import { codeAt } from "../index/codes.ts";
import { decodePassage } from "../index/decode.ts";
import { checkQuery, type EngineQuery, openQuery, type PlaidEngine } from "./engine.ts";
import { segmentOf } from "./places.ts";
import { type Allowed, runPipeline, type TracedStage as WholeStage } from "./pipeline.ts";
import { type SearchPlan, VARIANTS } from "./plan.ts";

/** Runs a search and tells how some passages fared in it. */
export function tracePassages(
  engine: PlaidEngine,
  query: Matrix,
  k: number,
  plan: SearchPlan,
  allowed: Allowed,
  numbers: Int32Array,
  ids: readonly (string | null)[],
): PassageTrace[] {
  const found = runPipeline(engine, query, k, plan, allowed, { trace: true });
  const stages = found.trace!.map(lookUp);
  const ranks = new Map(Array.from(found.numbers, (number, i) => [number, i + 1]));
  // Ranks every cell for every query row: nothing for thousands of passages.
  const hintFor = (number: number) => () => {
    const { arithmetic, threshold } = VARIANTS[plan.variant];
    const hint = cellHint(engine, openQuery(engine, query, arithmetic === "int8"), number);
    return threshold === "further cells" ? `${hint}, if that many score above centroid_score_threshold` : hint;
  };
  return Array.from(numbers, (number) => {
    const own: TracedStage[] = [];
    for (const { name, kept, scores, cut } of stages) {
      const score = scores.get(number) ?? null;
      const stays = kept.has(number);
      const hint = scores.size === 0 && !stays ? { hint: hintFor(number) } : {};
      own.push({ name, kept: stays, score, cut: score === null ? null : cut, ...hint });
      if (!stays) break;
    }
    return { id: ids[number]!, stages: own, rank: ranks.get(number) ?? null };
  });
}

/** A stage's scores and what it kept, by passage, and the lowest score that was kept. */
function lookUp({ name, numbers, scores, kept }: WholeStage) {
  const left = new Set(kept);
  let cut: number | null = null;
  numbers.forEach((number, i) => {
    if (left.has(number) && (cut === null || scores[i] < cut)) cut = scores[i];
  });
  return { name, kept: left, scores: new Map(Array.from(numbers, (number, i) => [number, scores[i]])), cut };
}

/** With how many cells a query row each the passage would have been a candidate. */
function cellHint(engine: PlaidEngine, { table, block: { stride }, rows }: EngineQuery, number: number): string {
  const { setup: { header, starts, lengths } } = engine;
  const { codes } = segmentOf(engine, number);
  if (lengths[number] === 0) return "the passage has no vectors";
  const tokens = Array.from({ length: lengths[number] }, (_, i) => starts[number] + i);
  const own = new Set(tokens.map((token) => codeAt(codes, header.code_bytes, token)));
  let least = Infinity;
  for (let row = 0; row < rows; row++) {
    let best = -1;
    for (const code of own) if (best < 0 || table[code * stride + row] > table[best * stride + row]) best = code;
    let rank = 1;
    for (let cell = 0; cell < header.partitions; cell++) {
      const [a, b] = [table[cell * stride + row], table[best * stride + row]];
      if (a > b || (a === b && cell < best)) rank++;
    }
    least = Math.min(least, rank);
  }
  return `its nearest cell is number ${least} of a query row: a candidate from ncells=${least} on`;
}

/** Products of a passage's decompressed vectors with a query's, `[query rows, passage rows]`: what its score is made of. */
export function passageInteractions(engine: PlaidEngine, query: Matrix, number: number): Matrix {
  const { setup: { header: { dim, code_bytes }, codec, starts, lengths, residualLists } } = engine;
  checkQuery(engine, query);
  const { codes, residuals } = segmentOf(engine, number);
  const centroids = numbersOf(engine.centroids);
  const start = residualLists?.starts[number] ?? 0;
  const place = { first: starts[number], tokens: lengths[number], start, bytes: residualLists?.bytes[number] ?? 0 };
  const rest = decodePassage(codec, dim)(residuals, place);
  const data = new Float32Array(query.rows * lengths[number]);
  const vector = new Float32Array(dim);
  for (let t = 0; t < lengths[number]; t++) {
    const code = codeAt(codes, code_bytes, starts[number] + t);
    for (let d = 0; d < dim; d++) vector[d] = centroids[code * dim + d] + rest[t * dim + d];
    const norm = Math.hypot(...vector) || 1;
    for (let row = 0; row < query.rows; row++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += query.data[row * dim + d] * vector[d];
      data[row * lengths[number] + t] = sum / norm;
    }
  }
  return { data, rows: query.rows, dim: lengths[number] };
}
