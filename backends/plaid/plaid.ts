import { countOption, MAX_DEPTH, MAX_PARTITIONS, scoreOption, seedOption } from "../bounds.ts";
import { z } from "zod";
import type { Metadata } from "../../datasets/dataset.ts";
import type { Backend, Index, SearchResult } from "../backend.ts";
import { folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { queryVectors } from "../vectors/open_vectors.ts";
import { calibrate, calibratedOptions, calibrationFile, readCalibration } from "./calibrate.ts";
import { buildPlaidIndex } from "./build/build_index.ts";
import { NBITS, type ResidualCodec } from "./index/codec.ts";
import { readMetadata, writeMetadata } from "../passage_metadata.ts";
import { openPlaidIndex } from "./index/open_index.ts";
import { passageInteractions, tracePassages } from "./search/explain.ts";
import { applyFilter, type Filterable } from "./search/filter.ts";
import { defaultTPrime } from "./search/estimates.ts";
import type { Found } from "./search/pipeline.ts";
import { neededFor, planSearch, type Variant, VARIANTS } from "./search/plan.ts";
import { openSearcher } from "./search/searcher.ts";
import { compactPlaid, updatePlaid } from "./update/update.ts";
import { holdKernel } from "../../kernels/kernel.ts";
import { K_MEANS_DEFAULTS } from "../../kernels/k_means/train.ts";
import { badInput } from "../../support/errors.ts";
import { isFile } from "../../support/paths.ts";

const NAME = "plaid";
const VERSION = 1;

const NBITS_DEFAULT = 2;

const options = z.object({
  nbits: z.coerce.number().pipe(z.union(NBITS.map((bits) => z.literal(bits)), "1, 2, 4 or 8")).optional(),
  pq: countOption(65_536).optional(),
  step: z.coerce.number().gte(0.5).lte(1e6).optional(),
  partitions: z.union([z.literal("auto"), countOption(MAX_PARTITIONS)]).default("auto"),
  kmeans_niters: countOption(10_000).default(K_MEANS_DEFAULTS.iterations),
  points_per_centroid: countOption(1_000_000).default(256),
  nearby: z.union([z.literal("auto"), z.coerce.number().gt(0).lte(1)]).default(K_MEANS_DEFAULTS.nearby),
  seed: seedOption().default(K_MEANS_DEFAULTS.seed),
  variant: z.enum(Object.keys(VARIANTS) as [Variant, ...Variant[]]).default("plaid"),
  ncells: countOption(MAX_DEPTH).optional(),
  centroid_score_threshold: scoreOption().optional(),
  ndocs: countOption(MAX_DEPTH).optional(),
  t_prime: countOption(MAX_DEPTH).optional(),
  term_threshold: scoreOption().optional(),
  target_recall: z.coerce.number().gt(0).lte(1).optional(),
}).refine(
  ({ target_recall, ncells, ndocs, t_prime, term_threshold }) => {
    return target_recall === undefined ||
      [ncells, ndocs, t_prime, term_threshold].every((given) => given === undefined);
  },
  "target_recall chooses ncells and ndocs, with the other defaults: give one or the other",
).refine(
  ({ nbits, pq, step }) => [nbits, pq, step].filter((given) => given !== undefined).length <= 1,
  "nbits, pq and step say what becomes of residuals: give one of them",
).refine(
  ({ variant, pq, step }) => pq === undefined && step === undefined || variant !== "vanilla",
  "variant=vanilla decompresses residuals in buckets: give nbits",
).refine(
  ({ variant, step }) => step === undefined || (variant !== "warp" && variant !== "emvb"),
  "residuals in steps are read passage by passage: variant=warp and emvb want nbits or pq",
).refine(
  ({ variant, t_prime, ndocs }) => variant === "warp" ? ndocs === undefined : t_prime === undefined,
  "t_prime is for variant=warp, which scores all candidates and has no ndocs",
).refine(
  ({ variant, term_threshold }) => variant === "emvb" || term_threshold === undefined,
  "term_threshold is for variant=emvb",
);

/**
 * Checks that a variant can read an index's residuals, which options alone do not say.
 *
 * @throws {LatebenchError} where it cannot
 */
function checkVariant(folder: string, variant: Variant, { kind }: ResidualCodec): void {
  const wanted = variant === "vanilla" ? "nbits" : "nbits or pq";
  const able = variant === "vanilla" ? kind === "buckets" : !["warp", "emvb"].includes(variant) || kind !== "steps";
  if (!able) {
    throw badInput(folder, `residuals made with ${kind === "steps" ? "step" : "pq"}`, `${wanted}, for ${variant}`);
  }
}

/**
 * PLAID (Santhanam et al., CIKM 2022): vectors are kept as the nearest of `partitions` centroids and a residual of `nbits` bits a
 * dimension (ColBERTv2, NAACL 2022, §3.3); a search narrows the passages of a few centroids' lists down by scores from centroids
 * alone, and decompresses what is left.
 *
 * - `nbits=2`: residuals in buckets, as ColBERTv2 has them. Instead of it `pq=16`: 16 bytes by product quantisation, as EMVB has them;
 *   or `step=5`: values are rounded to multiples of 5 mean |residual|s, most of them to 0, and kept in an entropy code (`index/steps.ts`).
 * - `partitions=auto`: the power of two at or below 16 √tokens. `kmeans_niters`, `points_per_centroid` (FAISS's 256), `nearby` (share
 *   of the centroids that a row is compared with; `auto`: an eighth, less of more than 16,384) and `seed` say how centroids are found.
 * - `ncells` cells are probed for each query row; `ndocs` passages pass the first scores, of tokens whose centroid scores
 *   `centroid_score_threshold` or more; `ndocs / 4` pass the second. Unless given they are Stanford's for this `k`: 1, 256, 0.5
 *   up to 10; 2, 1024, 0.45 up to 100; 4, max(4 k, 4096), 0.4 above.
 * - `variant` changes the stages (`warp` has `t_prime` instead of `ndocs`, `emvb` also has `term_threshold`): see `search/plan.ts`, `docs/plaid.md`.
 * - `target_recall=R` instead of `ncells` and `ndocs`: the cheapest that find a share R of what exhaustive search finds, see
 *   `calibrate.ts`.
 *
 * At least min(k, N) passages are found: `ndocs` is never less than that takes, and cells are probed until there are enough
 * candidates (a result says so in `widened`). Filters are applied to the candidates before anything is scored.
 *
 * On disk: see `index/format.ts`.
 */
export const plaid: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary:
    "centroids and residuals in few bits, searched in stages; also as ColBERTv2, next-plaid, fast-plaid, WARP and EMVB do it",
  capabilities: {
    endToEnd: true,
    input: "vectors",
    updatable: true,
    filterable: true,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: ["nbits", "pq", "step", "partitions", "kmeans_niters", "points_per_centroid", "nearby", "seed"],
  resumes: true,
  async build(source, folder, settings, context) {
    const embeddings = await source.embeddings();
    const { pq, step, partitions, kmeans_niters, points_per_centroid, nearby, seed } = settings;
    const nbits = settings.nbits ?? (pq === undefined && step === undefined ? NBITS_DEFAULT : undefined);
    const build = { nbits, pq, step, partitions, kmeans_niters, points_per_centroid, nearby, seed };
    await buildPlaidIndex(embeddings, folder, build, context);
    writeMetadata(folder, source.dataset.passages());
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async prepare(source, folder, { variant, target_recall, seed }, context) {
    if (target_recall === undefined || isFile(calibrationFile(folder, { variant, target_recall }))) return;
    const encoder = await context.encoder!();
    const target = { variant, target_recall, seed };
    await calibrate(folder, await source.embeddings(), source.dataset, encoder, context, target);
  },
  async update(folder, { added, removed }, _settings, context) {
    const embeddings = await added?.embeddings();
    const passages = () => added!.dataset.passages();
    const updated = await updatePlaid(folder, embeddings ? { embeddings, passages } : null, removed, context);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: updated.passages });
    return updated;
  },
  compact(folder, _settings, context) {
    return Promise.resolve(compactPlaid(folder, context));
  },
  open(folder, settings, { threads, ...context }): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const { variant, target_recall } = settings;
    using _loaded = holdKernel(context.kernel);
    const needs = neededFor(variant);
    const { setup, ids, stored, residentBytes } = openPlaidIndex(folder, { ...context, ...needs });
    checkVariant(folder, variant, setup.codec);
    const searcher = openSearcher(setup, threads);
    const filterable: Filterable = {
      ids,
      lengths: setup.lengths,
      live: setup.live,
      numbersOf: passageNumbers(ids),
      metadata: () => {
        const all: Metadata[] = [];
        stored.forEach(({ folder, info }, i) => {
          readMetadata(folder, info.passages).forEach((one, passage) => all[setup.segments[i].first + passage] = one);
        });
        return all;
      },
    };
    const everything = applyFilter(filterable);
    const calibration = target_recall === undefined
      ? null
      : readCalibration(calibrationFile(folder, { variant, target_recall }));
    const { partitions, settings: built } = setup.header;
    const planFor = (k: number) =>
      planSearch({ ...calibration ? calibratedOptions(calibration, k) : settings, pq: built.pq }, k);
    const idBytes = ids.reduce((sum, id) => sum + (id?.length ?? 0), 0);
    const perPassage = setup.residualLists ? 24 : 12;
    const answer = ({ numbers, scores, stages }: Found): SearchResult => {
      return { ids: Array.from(numbers, (number) => ids[number]!), scores, stages };
    };
    return Promise.resolve({
      passages,
      settings: { ...built, partitions, variant, ...calibration ? { calibration } : {} },
      settingsFor: (k) => {
        const { ncells, ndocs, full, threshold, tPrime, termThreshold } = planFor(k);
        if (variant === "warp") return { ncells, t_prime: tPrime ?? defaultTPrime(setup, k) };
        const own = variant === "emvb" ? { term_threshold: termThreshold } : {};
        return { ncells, ndocs, full, centroid_score_threshold: threshold, ...own };
      },
      async search(query, k, filter) {
        checkK(k);
        const matrix = queryVectors(query);
        const allowed = filter ? applyFilter(filterable, filter) : everything;
        if (k === 0 || matrix.rows === 0 || allowed.reachable === 0) return EMPTY_RESULT;
        const plan = planFor(k);
        const found = await searcher.search(matrix, k, plan, allowed);
        return { ...answer(found), ...found.ncells > plan.ncells ? { widened: { ncells: found.ncells } } : {} };
      },
      async rerank(query, wanted) {
        const matrix = queryVectors(query);
        if (wanted.length === 0 || matrix.rows === 0) return EMPTY_RESULT;
        return answer(await searcher.score(matrix, filterable.numbersOf(wanted), planFor(wanted.length)));
      },
      trace(query, k, wanted) {
        const matrix = queryVectors(query);
        const numbers = filterable.numbersOf(wanted, "skip");
        return Promise.resolve(
          tracePassages(searcher.engine, matrix, k, planFor(k), everything, numbers, ids),
        );
      },
      interactions(query, id) {
        const [number] = filterable.numbersOf([id]);
        return Promise.resolve(passageInteractions(searcher.engine, queryVectors(query), number));
      },
      footprint: () => folderFootprint(folder, residentBytes + idBytes + perPassage * ids.length + 12 * partitions),
      [Symbol.asyncDispose]() {
        searcher[Symbol.dispose]();
        return Promise.resolve();
      },
    });
  },
};
