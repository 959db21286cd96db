import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { writeIndexFile } from "../../../backends/index_file.ts";
import { buildPlaidIndex } from "../../../backends/plaid/build/build_index.ts";
import type { BuildSettings } from "../../../backends/plaid/index/format.ts";
import { updatePlaid } from "../../../backends/plaid/update/update.ts";
import { writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";
import { builds } from "../../kernels/builds.ts";
import { type HostileTask, type HostileVariant, hostileVariants, mutations } from "./hostile.ts";
import type { HostileResult } from "./hostile_child.ts";

const DIM = 16;
const CHILD = new URL("./hostile_child.ts", import.meta.url);
/** Milliseconds after which a process hangs. */
const HANGS = 60_000;
/** Bytes. */
const MOST_MEMORY = 2 * 2 ** 30;
const SETTINGS = { partitions: 16, kmeans_niters: 2, points_per_centroid: 256, nearby: 1, seed: 5 } as const;
const RESIDUALS: readonly Pick<BuildSettings, "nbits" | "pq" | "step">[] = [{ nbits: 2 }, { pq: 4 }, { step: 2 }];
/** Everything, so many times; otherwise a third of the table is tried with each build and each kind of residuals. */
const ROUNDS = Number(Deno.env.get("LATEBENCH_HOSTILE_ROUNDS") ?? 0);
/** Mutated indexes a round. */
const MUTATIONS = ROUNDS > 0 ? 600 : 20;

/** An index of 90 passages, some of them added and some gone since. */
async function honestIndex(folder: string, residuals: typeof RESIDUALS[number]): Promise<string> {
  const options = { kernel: { name: "wasm" }, threads: 1, quiet: true } as const;
  const vectors = (passages: number, name: string) => {
    return writeRandomEmbeddings(join(folder, name), { passages, dim: DIM, shards: 1, middles: 12 });
  };
  const index = join(folder, "honest");
  Deno.mkdirSync(index);
  await buildPlaidIndex(vectors(90, "vectors"), index, { ...SETTINGS, ...residuals }, options);
  const added = vectors(20, "more");
  const embeddings = { ...added, ids: added.ids.map((id) => `m${id}`) };
  const passages = () => embeddings.ids.map((id) => ({ id, text: "" }));
  await updatePlaid(index, { embeddings, passages }, ["p3", "p40"], options);
  writeIndexFile(index, { backend: "plaid", version: 1, passages: 108 });
  return index;
}

/** What a process that died, or took too long, is said to have done. */
interface Death {
  readonly name: string;
  readonly wrong: readonly string[];
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Uses variants in processes of their own; a process that dies is followed by another one. */
async function useVariants(
  task: HostileTask,
  variants: readonly HostileVariant[],
): Promise<(HostileResult | Death)[]> {
  const results: (HostileResult | Death)[] = [];
  while (results.length < task.numbers.length) {
    const told = JSON.stringify({ ...task, numbers: task.numbers.slice(results.length) } satisfies HostileTask);
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", CHILD.href, told],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const problem = new Response(process.stderr).text();
    let hangs = false;
    let last = setTimeout(() => {}, 0);
    for await (const line of linesOf(process.stdout)) {
      clearTimeout(last);
      last = setTimeout(() => {
        hangs = true;
        process.kill("SIGKILL");
      }, HANGS);
      const said: number | HostileResult = JSON.parse(line);
      if (typeof said !== "number") results.push(said);
    }
    clearTimeout(last);
    const { code, signal } = await process.status;
    if (code === 0 || results.length === task.numbers.length) break;
    const end = hangs ? "hangs" : `dies of ${signal ?? code}: ${(await problem).slice(0, 400)}`;
    results.push({ name: variants[task.numbers[results.length]].name, wrong: [end] });
  }
  return results;
}

const CASES = RESIDUALS.flatMap((residuals) => (["native", "wasm"] as const).map((build) => ({ residuals, build })));

CASES.forEach(({ residuals, build }, place) => {
  Deno.test(`hostile indexes end in one line or an answer, ${JSON.stringify(residuals)}, ${build}`, async () => {
    using folder = temporaryFolder();
    const kernel = (await builds()).findLast(({ name }) => name === build);
    if (!kernel) return console.warn(`skipped: no ${build} kernel here`);
    const index = await honestIndex(folder.path, residuals);
    const room = join(folder.path, "room");
    Deno.mkdirSync(room);
    const task = { index, dim: DIM, room, kernel, thorough: ROUNDS > 0 };
    const table = hostileVariants();
    const numbers = [...table.keys()].filter((i) => ROUNDS > 0 || i % 3 === place % 3);
    const results = await useVariants({ ...task, numbers }, table);
    for (let seed = 1; seed <= Math.max(1, ROUNDS); seed++) {
      const all = [...mutations(MUTATIONS, 100 * place + seed)];
      results.push(...await useVariants({ ...task, seed: 100 * place + seed, numbers: [...all.keys()] }, all));
    }
    strictEqual(results.length, numbers.length + Math.max(1, ROUNDS) * MUTATIONS);
    deepStrictEqual(results.filter(({ wrong }) => wrong.length > 0).slice(0, 5), []);
    const accepted = results.filter((result, i) => {
      return table[numbers[i]]?.outcome === "refused" && "refused" in result && result.refused.length === 0;
    });
    // Fields and files that this kind of residuals does not have.
    const own = accepted.filter(({ name }) => {
      return residuals.step !== undefined || !/residuals.bin, lists/.test(name);
    });
    deepStrictEqual(own.map(({ name }) => name), []);
    const largest = Math.max(...results.map((result) => "memory" in result ? result.memory : 0));
    ok(largest < MOST_MEMORY, `${largest} bytes of memory`);
  });
});
