import { join } from "node:path";
import type { Backend } from "../backends/backend.ts";
import { BACKENDS } from "../backends/registry.ts";
import { parseSpec } from "../backends/spec.ts";
import { linkFolder } from "../backends/vectors/link.ts";
import { writeVectors } from "../backends/vectors/living_vectors.ts";
import { openDataset } from "../datasets/open.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";
import { loadEncoder } from "../encoders/load.ts";
import { loadTopics } from "../eval/topics.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { removeOwnedFolder, renewOwnedFolder } from "../support/atomic_folder.ts";
import { removeIfThere } from "../support/atomic_write.ts";
import { BENCH_FOLDER } from "./folders.ts";
import { seededRandom } from "../support/random.ts";
import { backendContext, sourceOf } from "./backend_parts.ts";
import { embeddingsOf } from "./embeddings.ts";
import { encodeTexts } from "./inputs.ts";
import type { BenchOptions } from "./python.ts";
import { qualityOf } from "./quality.ts";

const SPECS = ["plaid", "plaid:nbits=4", "exhaustive"];
const ROUNDS = 10;
const K = 1000;

/**
 * What living indexes cost: an index of 90 % of a data set's passages, drawn at random, to which ten times 1 % is added; the time of each
 * addition as a share of building, without encoding (which takes the same time for a passage either way); quality at the end beside an
 * index that is built of all passages. A hard-linked copy of the index's folder is part of each addition, as it is in `deno task index add`.
 */
export async function benchUpdates({ dataset, store, threads }: BenchOptions): Promise<void> {
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const whole = await embeddingsOf(dataset, encoder, store);
  const source = openDataset(dataset);
  const topics = source.topics.map((set) => loadTopics(source, set));
  const queries = await encodeTexts(encoder, topics.flatMap((set) => set.queries));
  const { choice: kernel } = await chooseKernel("auto", store);
  const folder = join(store, "bench", `updates-${source.name}`);
  renewOwnedFolder(folder, BENCH_FOLDER);
  const parts = splitPassages(whole, folder);
  const context = backendContext({ threads, kernel, store, encoderHash: encoder.hash });
  const build = async (backend: Backend, options: object, embeddings: Embeddings, target: string) => {
    Deno.mkdirSync(target, { recursive: true });
    const started = performance.now();
    await backend.build(sourceOf(source, embeddings), target, options, context);
    return performance.now() - started;
  };
  const quality = async (backend: Backend, options: object, target: string) => {
    await using index = await backend.open(target, options, context);
    const numbers = new Map(whole.ids.map((id, number) => [id, number]));
    const found = await Promise.all(queries.map(async (matrix, i) => {
      const { ids } = await index.search({ id: String(i), text: "", matrix }, K);
      return ids.map((id) => numbers.get(id)!);
    }));
    return qualityOf(found, topics, whole.ids);
  };
  console.log(
    `${source.name}, ${whole.ids.length} passages, ${whole.header.tokens} vectors, ${threads} threads, ${kernel.name} kernel; ` +
      `${parts[0].ids.length} passages, then ${ROUNDS} × ${parts[1].ids.length}:`,
  );
  for (const spec of SPECS) {
    const { backend, options } = parseSpec(spec, BACKENDS);
    const name = spec.replace(/\W/g, "-");
    let target = join(folder, `${name}-0`);
    const built = await build(backend, options, parts[0], target);
    const took: number[] = [];
    let warnings: readonly string[] = [];
    for (const [round, added] of parts.slice(1).entries()) {
      const next = join(folder, `${name}-${round + 1}`);
      const started = performance.now();
      linkFolder(target, next, /\.partial$/);
      ({ warnings } = await backend.update!(next, { added: sourceOf(source, added), removed: [] }, options, context));
      took.push(performance.now() - started);
      removeIfThere(target);
      target = next;
    }
    const fresh = join(folder, `${name}-fresh`);
    await build(backend, options, whole, fresh);
    const [grown, anew] = [await quality(backend, options, target), await quality(backend, options, fresh)];
    const shares = took.map((ms) => `${(100 * ms / built).toFixed(1)} %`).join(" ");
    console.log(`  ${spec}: built in ${(built / 1000).toFixed(2)} s; additions of ${shares} of that`);
    for (const [measure, value] of Object.entries(grown)) {
      console.log(`    ${measure}: ${value.toFixed(4)} after the additions, ${anew[measure].toFixed(4)} built anew`);
    }
    for (const warning of warnings) console.log(`    ${warning}`);
  }
  removeOwnedFolder(folder, BENCH_FOLDER);
}

/** 90 % of the passages, and ten times 1 %, drawn at random. */
function splitPassages(whole: Embeddings, folder: string): Embeddings[] {
  const random = seededRandom(123);
  const count = whole.ids.length;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  const each = Math.floor(count / 100);
  const first = count - ROUNDS * each;
  return Array.from({ length: ROUNDS + 1 }, (_, part) => {
    const own = order.subarray(part === 0 ? 0 : first + (part - 1) * each, first + part * each);
    const deleted = new Uint32Array(Math.ceil(count / 32)).fill(-1);
    for (const number of own) deleted[number >> 5] &= ~(1 << (number & 31));
    return writeVectors(join(folder, `part-${part}`), [{ embeddings: whole, deleted }]);
  });
}
