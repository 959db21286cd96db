import { join } from "node:path";
import { z } from "zod";
import type { Dataset } from "../../datasets/dataset.ts";
import { passageText } from "../../datasets/dataset.ts";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { Encoder, Matrix } from "../../encoders/encoder.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { startProgress } from "../../support/progress.ts";
import { seededRandom } from "../../support/random.ts";
import type { BackendContext, Stage } from "../backend.ts";
import { MAX_DEPTH } from "../bounds.ts";
import { openVectorScorer } from "../vectors/scorer.ts";
import { openPlaidIndex, type PlaidSetup } from "./index/open_index.ts";
import { openEngine } from "./search/engine.ts";
import { allPassages } from "./search/filter.ts";
import { runPipeline } from "./search/pipeline.ts";
import { neededFor, planSearch, type SearchOptions, type Variant } from "./search/plan.ts";

/** Depths that are calibrated; a search for another `k` takes the next larger one's setting. */
const DEPTHS = [10, 100, 1000];
/** Made-up queries: half of them choose, half of them check. */
const QUERIES = 192;
/** Words of a made-up query. */
const WORDS = { least: 4, most: 12 };
const NCELLS = [1, 2, 4, 8, 16, 32];
/** Passages whose vectors are scored, in multiples of `k`. */
const FULL = [1, 2, 4, 8];

const entry = z.strictObject({
  k: z.int().min(1).max(MAX_DEPTH),
  ncells: z.int().min(1).max(MAX_DEPTH),
  ndocs: z.int().min(1).max(MAX_DEPTH),
  reached: z.boolean().describe("whether the chosen setting reaches the target on the queries that chose it"),
  overlap: z.number().describe("with exhaustive search's k, on the queries that chose"),
  heldout_overlap: z.number().describe("the same on queries that had no part in the choice"),
  heldout_low: z.number().describe("lower end of its 95 % interval (normal)"),
});
const schema = z.strictObject({
  target_recall: z.number(),
  variant: z.string(),
  queries: z.strictObject({ choosing: z.int(), heldout: z.int(), from: z.string() }),
  entries: z.array(entry).min(1).max(100),
});

/** What a calibration found. */
export type Calibration = z.infer<typeof schema>;

/** What is calibrated. */
export interface CalibrationTarget {
  readonly variant: Variant;
  readonly target_recall: number;
  readonly seed: number;
}

/** Path of a calibration within an index. */
export function calibrationFile(folder: string, { variant, target_recall }: Omit<CalibrationTarget, "seed">): string {
  return join(folder, `calibration-${variant}-${target_recall}.json`);
}

/** Reads a calibration. */
export function readCalibration(file: string): Calibration {
  return readSealedJson(file, schema, "a calibration of a PLAID index");
}

/** The options that a calibration found for `k`. */
export function calibratedOptions({ variant, entries }: Calibration, k: number): SearchOptions {
  const { ncells, ndocs } = entries.find((known) => known.k >= k) ?? entries[entries.length - 1];
  return { variant: variant as Variant, ncells, ndocs };
}

/**
 * Finds, for each depth, the cheapest `ncells` and `ndocs` whose rankings hold a share `target_recall` of exhaustive search's, and
 * writes them into the index. The queries are made up: runs of words from passages drawn at random, encoded as queries; the data
 * set's own queries and judgements have no part in it. Cost is counted work, so that the choice is the same at every start. Half of
 * the queries choose; what the choice is worth is measured on the others, and written beside it.
 */
export async function calibrate(
  folder: string,
  embeddings: Embeddings,
  dataset: Dataset,
  encoder: Encoder,
  context: BackendContext,
  { variant, target_recall, seed }: CalibrationTarget,
): Promise<void> {
  const queries: Matrix[] = [];
  for (const text of makeUpQueries(dataset, seed)) queries.push((await encoder.encodeQuery(text)).matrix);
  const half = Math.ceil(queries.length / 2);
  const depths = DEPTHS.filter((k, i) => i === 0 || k < embeddings.ids.length);
  const exact = await exactRankings(embeddings, queries, Math.max(...depths), context);
  const needs = neededFor(variant);
  const { setup } = openPlaidIndex(folder, { ...context, ...needs });
  const engine = openEngine(setup);
  const allowed = allPassages(setup);
  const search = (query: number, k: number, options: SearchOptions) => {
    const { numbers, stages } = runPipeline(engine, queries[query], k, planSearch(options, k), allowed);
    const wanted = new Set(exact[query].slice(0, k));
    const found = numbers.reduce((sum, number) => sum + (wanted.has(number) ? 1 : 0), 0);
    return {
      overlap: wanted.size === 0 ? 1 : found / wanted.size,
      cost: costOf(stages, queries[query].rows, setup, needs.int8),
    };
  };
  const total = depths.length * NCELLS.length * FULL.length;
  const progress = startProgress(`calibrate plaid for ${target_recall}`, total, "settings", context);
  let done = 0;
  const entries = depths.map((k): z.infer<typeof entry> => {
    const tried = NCELLS.flatMap((ncells) =>
      FULL.map((factor) => {
        const options = { variant, ncells, ndocs: 4 * factor * k };
        const results = Array.from({ length: half }, (_, query) => search(query, k, options));
        progress.update(++done);
        return { options, overlap: mean(results.map((r) => r.overlap)), cost: mean(results.map((r) => r.cost)) };
      })
    );
    const good = tried.filter(({ overlap }) => overlap >= target_recall);
    const chosen = good.length > 0
      ? good.reduce((best, one) => one.cost < best.cost ? one : best)
      : tried.reduce((best, one) => one.overlap > best.overlap ? one : best);
    const { ncells, ndocs } = chosen.options;
    const heldout = queries.slice(half).map((_, i) => search(half + i, k, chosen.options).overlap);
    const [low, average] = lowerEnd(heldout);
    const reached = good.length > 0;
    return { k, ncells, ndocs, reached, overlap: chosen.overlap, heldout_overlap: average, heldout_low: low };
  });
  progress.stop();
  engine.close();
  const from = `runs of ${WORDS.least} to ${WORDS.most} words of passages, seed ${seed}`;
  const calibration: Calibration = {
    target_recall,
    variant,
    queries: { choosing: half, heldout: queries.length - half, from },
    entries,
  };
  writeSealedJson(calibrationFile(folder, { variant, target_recall }), calibration);
  for (const { k, reached, overlap } of context.quiet ? [] : entries) {
    if (reached) continue;
    const nearest = `the nearest has ${overlap.toFixed(3)} and is used (more nbits help)`;
    console.error(`no setting shares ${target_recall} of exhaustive search's ${k}: ${nearest}`);
  }
}

/** Runs of words from passages drawn at random. */
export function makeUpQueries(dataset: Dataset, seed: number): string[] {
  const random = seededRandom(seed);
  const drawn: string[] = [];
  let seen = 0;
  for (const passage of dataset.passages()) { // a reservoir: every passage is as likely
    const place = Math.floor(random() * ++seen);
    if (drawn.length < QUERIES) drawn.push(passageText(passage));
    else if (place < QUERIES) drawn[place] = passageText(passage);
  }
  return drawn.map((text) => {
    const words = text.split(/\s+/).filter((word) => word !== "");
    const length = WORDS.least + Math.floor(random() * (WORDS.most - WORDS.least + 1));
    const first = Math.floor(random() * Math.max(1, words.length - length + 1));
    return words.slice(first, first + length).join(" ");
  });
}

async function exactRankings(
  embeddings: Embeddings,
  queries: readonly Matrix[],
  k: number,
  { kernel, threads }: BackendContext,
): Promise<number[][]> {
  await using scorer = await openVectorScorer(embeddings, { kernel, threads, memory: "auto" });
  return (await Promise.all(queries.map((query) => scorer.search(query, k)))).map(({ numbers }) => [...numbers]);
}

/** What a search costs, ns as measured once on one core: a token's scores from centroids, and from its vector. */
function costOf(stages: readonly Stage[], rows: number, { header, segments, tokens }: PlaidSetup, int8: boolean) {
  const residuals = segments.reduce((sum, { files }) => sum + files.residuals.bytes, 0) / Math.max(tokens, 1);
  const vectorBytes = header.code_bytes + residuals + (int8 ? 1 : 0);
  const perVector = rows * header.dim * (int8 ? 0.01 : 0.04); // a multiply–add
  return stages.slice(1).reduce((sum, { name, bytes }) => {
    return sum +
      (name === "centroids" || name === "pruned centroids" ? bytes * 1.5 : (bytes / vectorBytes) * perVector);
  }, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

/** Lower end of the 95 % interval of a mean, and the mean. */
function lowerEnd(values: readonly number[]): [number, number] {
  const average = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / Math.max(values.length - 1, 1);
  return [average - 1.96 * Math.sqrt(variance / Math.max(values.length, 1)), average];
}
