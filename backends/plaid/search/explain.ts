import type { Matrix } from "../../../encoders/encoder.ts";
import type { PassageTrace, TracedStage } from "../../backend.ts";
import { openQuery, type PlaidEngine } from "./engine.ts";
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
  ids: readonly string[],
): PassageTrace[] {
  const found = runPipeline(engine, query, k, plan, allowed, { trace: true });
  return Array.from(numbers, (number) => {
    const stages: TracedStage[] = [];
    for (const stage of found.trace!) {
      const kept = stage.kept.includes(number);
      const scored = scoreIn(stage, number);
      const hint = stage.scores.length === 0 && !kept ? cellHint(engine, query, plan, number) : undefined;
      stages.push({ name: stage.name, kept, ...scored, ...hint ? { hint } : {} });
      if (!kept) break;
    }
    const place = found.numbers.indexOf(number);
    return { id: ids[number], stages, rank: place < 0 ? null : place + 1 };
  });
}

/** The passage's score in a stage, and the lowest one that was kept. */
function scoreIn({ numbers, scores, kept }: WholeStage, number: number): Pick<TracedStage, "score" | "cut"> {
  const place = numbers.indexOf(number);
  if (place < 0) return { score: null, cut: null };
  const left = new Set(kept);
  let cut = Infinity;
  for (let i = 0; i < numbers.length; i++) if (left.has(numbers[i]) && scores[i] < cut) cut = scores[i];
  return { score: scores[place], cut: Number.isFinite(cut) ? cut : null };
}

/** With how many cells a query row each the passage would have been a candidate. */
function cellHint(engine: PlaidEngine, matrix: Matrix, { variant }: SearchPlan, number: number): string {
  const { setup: { header, starts, lengths }, codes } = engine;
  if (lengths[number] === 0) return "the passage has no vectors";
  const { table, block: { stride }, rows } = openQuery(engine, matrix, VARIANTS[variant].arithmetic === "int8");
  const own = new Set<number>();
  for (let token = starts[number]; token < starts[number] + lengths[number]; token++) {
    let code = 0;
    for (let byte = header.code_bytes - 1; byte >= 0; byte--) {
      code = code * 256 + codes[token * header.code_bytes + byte];
    }
    own.add(code);
  }
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
  const { setup: { header, starts, lengths }, codes, residuals, byteWeights } = engine;
  const centroids = new Float16Array(engine.centroids.buffer, engine.centroids.byteOffset, engine.centroids.length);
  const { dim, code_bytes, settings: { nbits } } = header;
  const each = 8 / nbits;
  const bytes = dim / each;
  const data = new Float32Array(query.rows * lengths[number]);
  const vector = new Float32Array(dim);
  for (let t = 0; t < lengths[number]; t++) {
    const token = starts[number] + t;
    let code = 0;
    for (let byte = code_bytes - 1; byte >= 0; byte--) code = code * 256 + codes[token * code_bytes + byte];
    for (let d = 0; d < dim; d++) {
      const residual = residuals[token * bytes + Math.floor(d / each)];
      vector[d] = centroids[code * dim + d] + byteWeights[residual * each + d % each];
    }
    const norm = Math.hypot(...vector) || 1;
    for (let row = 0; row < query.rows; row++) {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += query.data[row * dim + d] * vector[d];
      data[row * lengths[number] + t] = sum / norm;
    }
  }
  return { data, rows: query.rows, dim: lengths[number] };
}
