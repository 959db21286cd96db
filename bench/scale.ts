import { join } from "node:path";
import { BACKENDS } from "../backends/registry.ts";
import { parseSpec } from "../backends/spec.ts";
import { openDataset } from "../datasets/open.ts";
import { loadEncoder } from "../encoders/load.ts";
import { median } from "../eval/latency/percentiles.ts";
import { loadTopics } from "../eval/topics.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { renewOwnedFolder } from "../support/atomic_folder.ts";
import { writeJson } from "../support/atomic_write.ts";
import { BENCH_FOLDER } from "./folders.ts";
import { backendContext, sourceOf } from "./backend_parts.ts";
import { embeddingsOf } from "./embeddings.ts";
import { fitGrowth, type Powers } from "./growth.ts";
import { encodeTexts } from "./inputs.ts";
import type { BenchOptions } from "./python.ts";
import { drawCollection, fitMixture } from "./synthetic_collection.ts";

const SPEC = "plaid";
/** What is searched with, over one index. */
const SEARCHES = ["variant=plaid", "variant=int8"];
const DEPTHS = [10, 1000];
const QUERIES = 50;
/** Passages of MS MARCO, of TREC CAR, and of a web search engine. */
const TARGETS = [8_841_823, 29_794_697, 1_000_000_000];

/** What was measured at each size, and the powers of the number of passages with which it grows, at first and in the end. */
type Growth = Map<string, { readonly powers: Powers; readonly points: [passages: number, value: number][] }>;

/**
 * There are 16 √vectors centroids. Build: each row is compared with about the square root of their number, first the sample's, of √passages
 * rows, then all. Search: a query's rows are compared with all centroids, and a centroid's list holds about √vectors passages.
 */
const POWERS = { build: [0.75, 1.25], bytes: [0, 1], search: [0, 0.5] } as const satisfies Record<string, Powers>;

/**
 * How a PLAID index grows: collections of made-up vectors, drawn from a mixture that is fitted to a data set's real ones, of every size
 * that is asked for. Build time, bytes, memory and times of searches with the data set's own queries are measured, and drawn on to
 * sizes that do not fit by `a · passages^p + b · passages^q`, see {@link POWERS}.
 */
export async function benchScale({ dataset, store, threads, rounds, sizes }: BenchOptions): Promise<void> {
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const real = await embeddingsOf(dataset, encoder, store);
  const source = openDataset(dataset);
  const all = source.topics.flatMap((set) => loadTopics(source, set).queries);
  const queries = await encodeTexts(encoder, all.slice(0, QUERIES));
  const { choice: kernel } = await chooseKernel("auto", store);
  const folder = join(store, "bench", `scale-${source.name}`);
  const context = backendContext({ threads, kernel, store, encoderHash: encoder.hash });
  const mixture = await fitMixture(real, kernel, threads);
  const growth: Growth = new Map();
  const note = (name: string, powers: Powers, passages: number, value: number) => {
    const { points = [] } = growth.get(name) ?? {};
    growth.set(name, { powers, points: [...points, [passages, value]] });
  };
  const ascending = [...sizes].sort((a, b) => a - b);
  for (const size of ascending) {
    const embeddings = drawCollection(join(folder, `vectors-${size}`), mixture, size, real.header);
    const target = join(folder, `index-${size}`);
    renewOwnedFolder(target, BENCH_FOLDER);
    const { backend, options } = parseSpec(SPEC, BACKENDS);
    const started = performance.now();
    await backend.build(sourceOf(source, embeddings), target, options, { ...context, quiet: false });
    note("build, s", POWERS.build, size, (performance.now() - started) / 1000);
    for (const [i, setting] of SEARCHES.entries()) {
      const spec = parseSpec(`${SPEC}:${setting}`, BACKENDS);
      await using index = await backend.open(target, spec.options, { ...context, tracing: false });
      if (i === 0) {
        const { files, memoryBytes } = index.footprint();
        note("index, bytes", POWERS.bytes, size, files.reduce((sum, { bytes }) => sum + bytes, 0));
        note("held in memory, bytes", POWERS.bytes, size, memoryBytes);
      }
      for (const k of DEPTHS) {
        const ms: number[] = [];
        for (let round = 0; round <= rounds; round++) {
          for (const [q, matrix] of queries.entries()) {
            const began = performance.now();
            await index.search({ id: String(q), text: "", matrix }, k);
            if (round > 0) ms.push(performance.now() - began); // the first round warms up
          }
        }
        note(`search, ${setting}, k ${k}, ms`, POWERS.search, size, median(ms));
      }
    }
  }
  const { tokens, passages } = real.header;
  console.log(
    `${SPEC} over made-up vectors like those of ${source.name} (${passages} passages, ${tokens} vectors), ${threads} threads, ` +
      `${kernel.name} kernel, median of ${queries.length} queries × ${rounds}; measured, then drawn on by a · passages^p + b · passages^q; misfit: the largest of the model to what was measured:`,
  );
  const head = [...ascending, "p, q", "misfit", ...TARGETS].map((cell) => cell.toLocaleString("en"));
  console.log(`  ${"".padEnd(34)} ${head.map((cell) => cell.padStart(14)).join("")}`);
  for (const [name, { powers, points }] of growth) {
    const at = fitGrowth(points, powers);
    const misfit = Math.max(...points.map(([passages, value]) => Math.abs(at(passages) / value - 1)));
    const cells = [
      ...points.map(([, value]) => show(value)),
      powers.join(", "),
      `${(100 * misfit).toFixed(0)} %`,
      ...TARGETS.map((n) => `≈ ${show(at(n))}`),
    ];
    console.log(`  ${name.padEnd(34)} ${cells.map((cell) => cell.padStart(14)).join("")}`);
  }
  writeJson(join(folder, `results-${threads}.json`), {
    dataset: source.name,
    threads,
    growth: Object.fromEntries(growth),
  });
}

function show(value: number): string {
  for (const [unit, name] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (value >= unit) return `${(value / unit).toPrecision(3)} ${name}`;
  }
  return value.toPrecision(3);
}
