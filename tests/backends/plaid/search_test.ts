import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildPlaidIndex } from "../../../backends/plaid/build/build_index.ts";
import type { BuildSettings } from "../../../backends/plaid/index/format.ts";
import { openPlaidIndex } from "../../../backends/plaid/index/open_index.ts";
import { openEngine } from "../../../backends/plaid/search/engine.ts";
import { passageInteractions, tracePassages } from "../../../backends/plaid/search/explain.ts";
import { type Allowed, runPipeline } from "../../../backends/plaid/search/pipeline.ts";
import { planSearch, type SearchPlan, type Variant, VARIANTS } from "../../../backends/plaid/search/plan.ts";
import type { Matrix } from "../../../encoders/encoder.ts";
import { clusteredQuery, writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";
import { builds } from "../../kernels/builds.ts";
import {
  decompressIndex,
  maxsimOf,
  plainEmvb,
  type PlainIndex,
  type PlainPlan,
  plainSearch,
  plainWarp,
  probedTokens,
} from "./reference.ts";

const DIM = 32;
const PASSAGES = 500;
const QUERIES = [1, 5, 16, 33].map((rows, seed) => clusteredQuery(rows, DIM, 40, seed));
const SETTINGS = { partitions: "auto", kmeans_niters: 4, points_per_centroid: 256, nearby: 1, seed: 5 } as const;

/** What becomes of residuals, and which variants cannot search it. */
const RESIDUALS: readonly {
  readonly made: Pick<BuildSettings, "nbits" | "pq" | "step">;
  readonly without: readonly Variant[];
}[] = [
  ...[1, 2, 4, 8].map((nbits) => ({ made: { nbits }, without: [] })),
  { made: { pq: 8 }, without: ["vanilla"] },
  { made: { step: 1.5 }, without: ["vanilla", "warp", "emvb"] },
  { made: { step: 5 }, without: ["vanilla", "warp", "emvb"] },
];

async function withIndex(
  made: typeof RESIDUALS[number]["made"],
  act: (folder: string) => Promise<void> | void,
): Promise<void> {
  using folder = temporaryFolder();
  const embeddings = writeRandomEmbeddings(join(folder.path, "vectors"), { passages: PASSAGES, dim: DIM, shards: 3 });
  const index = join(folder.path, "index");
  Deno.mkdirSync(index);
  await buildPlaidIndex(embeddings, index, { ...SETTINGS, ...made }, {
    kernel: { name: "wasm" },
    threads: 2,
    quiet: true,
  });
  await act(index);
}

function everything({ lengths }: { readonly lengths: Int32Array }): Allowed {
  return { bits: new Uint32Array(0), reachable: lengths.filter((n) => n > 0).length, all: true };
}

/** What each variant does, in the reference's words. */
function plainPlan({ variant, ncells, ndocs, full, threshold }: SearchPlan): PlainPlan {
  const base = { ncells, ndocs, full };
  if (variant === "plaid") return { ...base, tokenThreshold: threshold ?? -Infinity, second: true };
  if (variant === "vanilla") return { ...base, probedTokens: true, second: false };
  return { ...base, ...threshold === null ? {} : { cellThreshold: threshold }, second: true };
}

/** The ranking that a variant's stages give by definition. */
function plainRanking(index: PlainIndex, query: Matrix, k: number, plan: SearchPlan) {
  const { variant, threshold } = plan;
  if (variant === "emvb") return plainEmvb(index, query, k, { ...plan, threshold: threshold! });
  if (variant !== "warp") return plainSearch(index, query, k, plainPlan(plan));
  const tokens = index.codes.flat().length; // far below 125,000: not rounded to thousands
  return plainWarp(index, query, k, { ncells: plan.ncells, wanted: plan.tPrime ?? Math.floor(Math.sqrt(8 * tokens)) });
}

const CASES = [
  { variant: "plaid", ncells: 2, ndocs: 60, centroid_score_threshold: 0.5 },
  { variant: "plaid", ncells: 1, ndocs: 40, centroid_score_threshold: 0.7 },
  { variant: "plaid", ncells: 4, ndocs: 400 },
  { variant: "vanilla", ncells: 2, ndocs: 25 },
  { variant: "next-plaid", ncells: 3, ndocs: 80, centroid_score_threshold: 0.6 },
  { variant: "fast-plaid", ncells: 3, ndocs: 80 },
  { variant: "warp", ncells: 2 },
  { variant: "warp", ncells: 5, t_prime: 2000 },
  { variant: "warp", ncells: 5, t_prime: 1e9 },
  { variant: "emvb", ncells: 2, ndocs: 60, centroid_score_threshold: 0.4, term_threshold: 0.4 },
  { variant: "emvb", ncells: 3, ndocs: 90, centroid_score_threshold: 0.7, term_threshold: 0.2 },
  { variant: "emvb" },
] as const;

for (const { made, without } of RESIDUALS) {
  const residuals = JSON.stringify(made);
  Deno.test(`every variant gives the ranking of its stages by definition, ${residuals}, every build`, async () => {
    await withIndex(made, async (folder) => {
      const plain = decompressIndex(openPlaidIndex(folder, { kernel: { name: "reference" }, int8: false }).setup);
      for (const kernel of await builds()) {
        const { setup } = openPlaidIndex(folder, { kernel, int8: false, cellTokens: true });
        const engine = openEngine(setup);
        for (const options of CASES.filter(({ variant }) => !without.includes(variant))) {
          const plan = planSearch(options, 10);
          for (const [q, query] of QUERIES.entries()) {
            const expected = plainRanking(plain, query, 10, plan);
            const { numbers, scores } = runPipeline(engine, query, 10, plan, everything(setup));
            const where = `${kernel.name}, ${JSON.stringify(options)}, query ${q}`;
            deepStrictEqual([...numbers], expected.map(({ number }) => number), where);
            expected.forEach(({ score }, i) =>
              ok(Math.abs(score - scores[i]) < 1e-3, `${where}: ${score}, ${scores[i]}`)
            );
          }
        }
        engine.close();
      }
    });
  });

  Deno.test(`with everything probed, PLAID is exhaustive search of decompressed vectors, and int8 is near, ${residuals}`, async () => {
    await withIndex(made, async (folder) => {
      const { setup } = openPlaidIndex(folder, { kernel: (await builds()).at(-1)!, int8: true });
      const plain = decompressIndex(setup);
      const engine = openEngine(setup);
      const all = { ncells: setup.header.partitions, ndocs: 4 * PASSAGES };
      for (const query of QUERIES) {
        const exact = plain.vectors.map((vectors, number) => ({ number, score: maxsimOf(query, vectors) }))
          .filter((_, number) => plain.vectors[number].length > 0)
          .sort((a, b) => b.score - a.score || a.number - b.number);
        const found = runPipeline(
          engine,
          query,
          PASSAGES,
          planSearch({ variant: "plaid", ...all }, PASSAGES),
          everything(setup),
        );
        deepStrictEqual([...found.numbers], exact.map(({ number }) => number));
        const near = runPipeline(
          engine,
          query,
          PASSAGES,
          planSearch({ variant: "int8", ...all }, PASSAGES),
          everything(setup),
        );
        strictEqual(near.numbers.length, exact.length);
        const scores = new Map(exact.map(({ number, score }) => [number, score]));
        near.numbers.forEach((number, i) => {
          const error = Math.abs(near.scores[i] - scores.get(number)!) / query.rows;
          ok(error < 0.01, `passage ${number} is off by ${error} a row`);
        });
      }
      engine.close();
    });
  });
}

Deno.test("WARP's search counts the products and bytes of the tokens that are probed", async () => {
  await withIndex({ nbits: 4 }, async (folder) => {
    const { setup } = openPlaidIndex(folder, { kernel: (await builds()).at(-1)!, int8: false, cellTokens: true });
    const plain = decompressIndex(setup);
    const engine = openEngine(setup);
    const query = QUERIES[2];
    for (const ncells of [2, 5, setup.header.partitions]) {
      const { stages } = runPipeline(engine, query, 10, planSearch({ variant: "warp", ncells }, 10), everything(setup));
      const { products, read } = probedTokens(plain, query, ncells);
      const candidates = stages[0].candidates;
      const last = stages.at(-1)!;
      strictEqual(last.name, "probed tokens");
      strictEqual(last.macs.float, products * DIM);
      ok(candidates > 0 && last.bytes >= read * DIM / 2, `${last.bytes} bytes, of ${read} residuals`);
      ok(last.bytes <= read * DIM / 2 + plain.codes.flat().length * setup.header.code_bytes);
    }
    engine.close();
  });
});

Deno.test("defaults are those of k, whatever was asked for before", () => {
  const defaults = (k: number) => {
    const { ncells, ndocs, full, threshold } = planSearch({ variant: "plaid" }, k);
    return [ncells, threshold, ndocs, full];
  };
  deepStrictEqual(defaults(1000), [4, 0.4, 4096, 1024]);
  deepStrictEqual(defaults(10), [1, 0.5, 256, 64]);
  deepStrictEqual(defaults(100), [2, 0.45, 1024, 256]);
  deepStrictEqual(defaults(2000), [4, 0.4, 8000, 2000]);
  deepStrictEqual(planSearch({ variant: "plaid", ndocs: 100 }, 60), {
    variant: "plaid",
    ncells: 2,
    ndocs: 100,
    full: 60,
    threshold: 0.45,
    tPrime: null,
    termThreshold: -Infinity,
  });
  const phases = (k: number, ndocs?: number, pq?: number) => {
    const { ncells, full, termThreshold, ...plan } = planSearch({ variant: "emvb", ndocs, pq }, k);
    return [ncells, plan.ndocs, full, termThreshold];
  };
  deepStrictEqual(phases(10), [2, 500, 128, 0.4]);
  deepStrictEqual(phases(100), [2, 1000, 512, 0.4]);
  deepStrictEqual(phases(1000), [4, 4000, 1024, 0.5]);
  deepStrictEqual(phases(10, 800), [2, 800, 200, 0.4]);
  deepStrictEqual(phases(10, undefined, 32), [1, 500, 128, 0.5]);
  deepStrictEqual(phases(100, undefined, 32), [3, 2000, 256, 0.4]);
  deepStrictEqual(phases(1000, undefined, 32), [4, 5000, 1024, 0.4]);
  deepStrictEqual(phases(100, undefined, 16), phases(100));
  for (const rules of Object.values(VARIANTS)) ok(rules.full(1, 50) >= 1);
});

Deno.test("k passages are found wherever there are so many, and the search says what it widened", async () => {
  await withIndex({ nbits: 2 }, async (folder) => {
    for (const kernel of await builds()) {
      const { setup } = openPlaidIndex(folder, { kernel, int8: true, cellTokens: true });
      const engine = openEngine(setup);
      const reachable = setup.lengths.filter((n) => n > 0).length;
      for (const variant of Object.keys(VARIANTS) as Variant[]) {
        for (const k of [1, 50, reachable, PASSAGES]) {
          const plan = planSearch({ variant, ncells: 1, ndocs: 4, centroid_score_threshold: 0.99 }, k);
          const found = runPipeline(engine, QUERIES[0], k, plan, everything(setup));
          strictEqual(found.numbers.length, Math.min(k, reachable), `${variant}, k ${k}`);
          ok(k < reachable || found.ncells > 1);
        }
      }
      engine.close();
    }
  });
});

Deno.test("traces tell the stage that lost a passage, by how much, and how many cells it would have taken", async () => {
  await withIndex({ nbits: 4 }, (folder) => {
    const { setup, ids } = openPlaidIndex(folder, { kernel: { name: "wasm" }, int8: false });
    const engine = openEngine(setup);
    const plan = planSearch({ variant: "plaid", ncells: 1, ndocs: 40 }, 8);
    const all = Int32Array.from({ length: PASSAGES }, (_, i) => i);
    const query = QUERIES[2];
    const { numbers, stages } = runPipeline(engine, query, 8, plan, everything(setup));
    const traces = tracePassages(engine, query, 8, plan, everything(setup), all, ids);
    deepStrictEqual(traces.filter(({ rank }) => rank !== null).length, 8);
    numbers.forEach((number, i) => strictEqual(traces[number].rank, i + 1));
    for (const { name, candidates } of stages) {
      const kept = traces.filter((trace) => trace.stages.some((stage) => stage.name === name && stage.kept)).length;
      strictEqual(kept, candidates, name);
    }
    let lostByCells = 0;
    for (const { stages, id } of traces) {
      const last = stages[stages.length - 1];
      if (last.kept) continue;
      if (last.score !== null) ok(last.score <= last.cut!, `${id}: ${last.score} and ${last.cut}`);
      if (last.name !== "candidates" || lostByCells++ > 20) continue;
      const number = ids.indexOf(id);
      if (setup.lengths[number] === 0) strictEqual(last.hint!(), "the passage has no vectors");
      else {
        const ncells = Number(/ncells=(\d+)/.exec(last.hint!())![1]);
        const [more] = tracePassages(
          engine,
          query,
          8,
          { ...plan, ncells },
          everything(setup),
          Int32Array.of(number),
          ids,
        );
        ok(more.stages[0].kept, `${id} with ncells=${ncells}`);
        const [less] = tracePassages(
          engine,
          query,
          8,
          { ...plan, ncells: ncells - 1 },
          everything(setup),
          Int32Array.of(number),
          ids,
        );
        ok(!less.stages[0].kept, `${id} with ncells=${ncells - 1}`);
      }
    }
    ok(lostByCells > 0);
    const products = passageInteractions(engine, query, numbers[0]);
    const rows = Array.from({ length: query.rows }, (_, row) => {
      return Math.max(...products.data.subarray(row * products.dim, (row + 1) * products.dim));
    });
    const score = rows.reduce((sum, value) => sum + value, 0);
    const ranked = runPipeline(engine, query, 1, plan, everything(setup)).scores[0];
    ok(Math.abs(score - ranked) < 1e-3, `${score} and ${ranked}`);
    engine.close();
  });
});
