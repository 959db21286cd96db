import type { Matrix } from "../../../encoders/encoder.ts";
import { badInput, type LatebenchError } from "../../../support/errors.ts";
import { addMacs, type Macs, NO_MACS, timesMacs } from "../../../encoders/flops/macs.ts";
import { selectBest, type TopK, topK } from "../../../kernels/top_k.ts";
import type { Stage } from "../../backend.ts";
import { traceStages } from "../../stages.ts";
import { type CellRule, findCandidates } from "./candidates.ts";
import { centroidScores, centroidScoresI8 } from "./centroid_scores.ts";
import { type EngineQuery, largestProducts, openQuery, type PlaidEngine } from "./engine.ts";
import { type Places, placesOf } from "./places.ts";
import { addsFromTables, decompressedScores, residualScores } from "./residual_scores.ts";
import { defaultTPrime, missingEstimates } from "./estimates.ts";
import { closeRows, closeScores, probedScores, probedWork } from "./implicit.ts";
import { residualBytes } from "../index/format.ts";
import { type SearchPlan, type VariantRules, VARIANTS } from "./plan.ts";

/** Passages that may be found. */
export interface Allowed {
  /** Bits by passage number, uint32; none where nothing is left out. */
  readonly bits: Uint32Array;
  /** How many of them have tokens. */
  readonly reachable: number;
  /** Nothing is left out. */
  readonly all: boolean;
}

/** Passages that a stage scored, for explanations. */
export interface TracedStage {
  readonly name: string;
  /** What was scored, ascending, and the scores; empty where a stage had nothing to choose. */
  readonly numbers: Int32Array;
  readonly scores: Float32Array;
  /** What it left, ascending. */
  readonly kept: Int32Array;
}

/** The ranking of a search, and how it came about. */
export interface Found extends TopK {
  readonly stages: readonly Stage[];
  /** Cells that were probed in the end: more than planned where too few passages were found. */
  readonly ncells: number;
  /** Every stage, where that was asked for. */
  readonly trace?: readonly TracedStage[];
}

/** Searches for the best `k` passages in the stages of a plan; fewer only where fewer have tokens and are allowed. */
export function runPipeline(
  engine: PlaidEngine,
  matrix: Matrix,
  k: number,
  plan: SearchPlan,
  allowed: Allowed,
  { trace = false }: { readonly trace?: boolean } = {},
): Found {
  const rules = VARIANTS[plan.variant];
  const { header } = engine.setup;
  const traced: TracedStage[] = [];
  const clock = traceStages(engine.setup.tracing);
  const end = (name: string, { macs, bytes }: Pick<Stage, "macs" | "bytes">, numbers: Int32Array, scored?: Scored) => {
    clock.end(name, macs, bytes, numbers.length);
    if (!trace) return;
    const { numbers: of = new Int32Array(0), scores = new Float32Array(0) } = scored ?? {};
    traced.push({ name, numbers: of, scores, kept: numbers });
  };

  const int8 = rules.arithmetic === "int8";
  const query = openQuery(engine, matrix, int8);
  const tableBytes = engine.centroids.byteLength;
  const rule: CellRule | null =
    (rules.threshold === "cells" || rules.threshold === "further cells") && plan.threshold !== null
      ? { leavesOut: rules.threshold, threshold: plan.threshold }
      : null;
  const bits = allowed.all ? null : allowed.bits;
  let { ncells } = plan;
  let found = findCandidates(engine, query, ncells, rule, bits);
  for (let dropped = rule === null; found.numbers.length < Math.min(k, allowed.reachable); dropped = true) {
    if (dropped && ncells >= header.partitions) throw unlisted(engine, found.numbers.length, allowed.reachable);
    if (dropped) ncells = wider(ncells, header.partitions);
    found = findCandidates(engine, query, ncells, null, bits);
  }
  end("candidates", { macs: tableMacs(engine, matrix, int8), bytes: tableBytes + found.bytes }, found.numbers);

  /** Keeps the best `most` of the passages; nothing is scored where all can stay. */
  const narrow = (
    name: string,
    numbers: Int32Array,
    most: number,
    score: (places: Places) => Float32Array,
    perToken: TokenWork,
  ) => {
    if (numbers.length <= most && !trace) {
      end(name, { macs: NO_MACS, bytes: 0 }, numbers);
      return numbers;
    }
    const places = placesOf(engine, numbers);
    const scores = score(places);
    const kept = selectBest(scores, most).map((entry) => numbers[entry]);
    end(name, { macs: timesMacs(perToken.macs, places.tokens), bytes: places.tokens * perToken.bytes }, kept, {
      numbers,
      scores,
    });
    return kept;
  };
  const byCode = { macs: NO_MACS, bytes: header.code_bytes };
  const byVector = {
    macs: { float: matrix.rows * header.dim, integer: 0 },
    bytes: header.code_bytes + (residualBytes(header.dim, header.settings) ?? 0),
  };
  const keep = rules.threshold === "tokens" && plan.threshold !== null
    ? keptCentroids(largestProducts(engine, query), plan.threshold)
    : null;

  let left: Int32Array = found.numbers;
  if (rules.first === null) {
    // every candidate is scored
  } else if (rules.first === "close rows") {
    const { threshold } = plan;
    left = narrow("close rows", left, plan.ndocs, (at) => closeRows(engine, query, at, threshold ?? -Infinity), byCode);
    left = narrow("centroids", left, plan.full, (at) => centroidScores(engine, query, at, null), byCode);
  } else if (rules.first === "probed tokens") {
    left = narrow(
      "probed lists",
      left,
      plan.ndocs,
      (at) => decompressedScores(engine, query, at, found.probed),
      byVector,
    );
  } else if (int8) {
    left = narrow("centroids", left, plan.full, (at) => centroidScoresI8(engine, query, at, keep), byCode);
  } else if (rules.second) {
    left = narrow("pruned centroids", left, plan.ndocs, (at) => centroidScores(engine, query, at, keep), byCode);
    left = narrow("centroids", left, plan.full, (at) => centroidScores(engine, query, at, null), byCode);
  } else {
    left = narrow("centroids", left, plan.full, (at) => centroidScores(engine, query, at, null), byCode);
  }
  const places = placesOf(engine, left);
  const score = (): Float32Array => {
    if (rules.last === "close tokens") return closeScores(engine, query, places, plan.termThreshold);
    if (rules.last === "vectors") return vectorScores(engine, query, places, int8);
    const wanted = plan.tPrime ?? defaultTPrime(engine.setup, k);
    const missing = missingEstimates(engine, query, wanted, found.cells);
    return probedScores(engine, query, places, found.cells?.numbers ?? null, missing);
  };
  const scores = score();
  const best = topK(scores, k, left);
  const work = rules.last === "probed tokens"
    ? probedWork(engine, query, places, found.cells?.numbers ?? null)
    : residualWork(engine, matrix, places, rules);
  end(lastStage(rules), work, best.numbers, { numbers: left, scores });
  return { ...best, stages: clock.stages, ncells, ...trace ? { trace: traced } : {} };
}

/** Scores just these passages, as the last stage does; from all of their tokens. */
export function scorePassages(engine: PlaidEngine, matrix: Matrix, passages: Int32Array, plan: SearchPlan): Found {
  const numbers = passages.slice().sort();
  const clock = traceStages(engine.setup.tracing);
  const rules = VARIANTS[plan.variant];
  const int8 = rules.arithmetic === "int8";
  const query = openQuery(engine, matrix, int8);
  const places = placesOf(engine, numbers);
  const scores = rules.last === "vectors"
    ? vectorScores(engine, query, places, int8)
    : closeScores(engine, query, places, plan.termThreshold);
  const best = topK(scores, numbers.length, numbers);
  const { macs, bytes } = residualWork(engine, matrix, places, rules);
  clock.end(lastStage(rules), addMacs(tableMacs(engine, matrix, int8), macs), bytes, best.numbers.length);
  return { ...best, ncells: 0, stages: clock.stages };
}

/** What is wrong with lists that, all together, do not name the passages that have tokens. */
function unlisted({ segments }: PlaidEngine, found: number, reachable: number): LatebenchError {
  return badInput(segments[0].files.lists.file, `lists of ${found} passages`, `${reachable}, all that have tokens`);
}

function vectorScores(engine: PlaidEngine, query: EngineQuery, places: Places, int8: boolean): Float32Array {
  return int8 || engine.buckets === null
    ? residualScores(engine, query, places)
    : decompressedScores(engine, query, places, null);
}

function lastStage({ last }: VariantRules): string {
  return last === "vectors" ? "residuals" : last;
}

/** Work of the products of centroids and query rows. */
function tableMacs({ setup: { header } }: PlaidEngine, { rows }: Matrix, int8: boolean): Macs {
  const products = header.partitions * rows * header.dim;
  return int8 ? { float: 0, integer: products } : { float: products, integer: 0 };
}

/**
 * Work of the last stage, of all tokens: products with decompressed vectors or residuals in bytes, or tables, from which adding up counts
 * nothing; bytes of codes and residuals, and of norms where these are read.
 */
function residualWork(
  engine: PlaidEngine,
  { rows }: Matrix,
  { tokens, residualBytes }: Places,
  { last, arithmetic }: VariantRules,
): Pick<Stage, "macs" | "bytes"> {
  const { buckets, setup: { header: { dim, code_bytes }, codec } } = engine;
  const int8 = arithmetic === "int8";
  const norms = last === "vectors" && (int8 || buckets === null) ? 1 : 0;
  const bytes = residualBytes + tokens * (code_bytes + norms);
  const float = (macs: number) => ({ macs: { float: macs, integer: 0 }, bytes });
  if (codec.kind === "steps") return float(rows * dim);
  if (last !== "vectors" || codec.kind === "product" || (int8 && addsFromTables(engine))) {
    return float(rows * dim * 256);
  }
  return int8 ? { macs: { float: 0, integer: tokens * rows * dim }, bytes } : float(tokens * rows * dim);
}

interface Scored {
  readonly numbers: Int32Array;
  readonly scores: Float32Array;
}

/** Work of a stage for each token. */
interface TokenWork {
  readonly macs: Macs;
  readonly bytes: number;
}

/** Twice as many cells; all of them where that is not far off, since picking many is slow. */
function wider(ncells: number, partitions: number): number {
  return 16 * ncells > partitions ? partitions : 2 * ncells;
}

function keptCentroids(largest: Float32Array, threshold: number): Uint8Array {
  const keep = new Uint8Array(largest.length);
  for (let i = 0; i < keep.length; i++) if (largest[i] >= threshold) keep[i] = 1;
  return keep;
}
