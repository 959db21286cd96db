import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type {
  Backend,
  BackendContext,
  BackendQuery,
  BuildSource,
  Index,
  SearchResult,
  Stage,
} from "../../backends/backend.ts";
import type { Metadata } from "../../datasets/dataset.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { parseSpec } from "../../backends/spec.ts";
import { encodeCollection } from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import type { KernelChoice, KernelName } from "../../kernels/kernel.ts";
import { resumableOf, writeFolderAtomic } from "../../support/atomic_folder.ts";
import { expectError } from "../fixtures/expect.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";
import { fakeEncoder, fakeMatrix } from "../fixtures/fake_encoder.ts";
import { builds } from "../kernels/builds.ts";
import { TEST_STORE } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const STORE_ENTRY = { kind: "store entry" } as const;

/** The cases of the contract, by name. */
export type ContractCase = keyof typeof CASES;

/** How one backend runs the contract. */
export interface ContractRun {
  /** The spec under test. */
  readonly spec: string;
  /** The spec whose ranking must equal exhaustive search's. */
  readonly widest: string;
  /** The kernel build (default: wasm, which every machine has). */
  readonly kernel?: KernelName | "auto";
  /** Cases that the backend does not pass, each with the reason. */
  readonly skip?: { readonly [name in ContractCase]?: string };
}

interface Bench {
  readonly run: ContractRun;
  readonly folder: string;
  readonly source: BuildSource;
  readonly context: BackendContext;
  /** Builds (once) and opens an index. */
  open(spec: string): Promise<Index>;
}

const QUERIES = ["alpha common", "omega theta rare", "beta", "gamma delta alpha sigma common", "kappa kappa"].map(
  query,
);

const FILTERS = "finds only what a filter lets through, and as many as were asked for";

/** Runs every case of the contract on one backend. */
export function testBackend(run: ContractRun): void {
  for (const [name, testCase] of Object.entries(CASES)) {
    const { filterable } = parse(run.spec).backend.capabilities;
    const reason = run.skip?.[name as ContractCase] ??
      (name === FILTERS && !filterable ? "it has no filters" : undefined);
    Deno.test({
      name: `${run.spec}: ${name}${reason ? ` (skipped: ${reason})` : ""}`,
      ignore: reason !== undefined,
      fn: async () => {
        using temporary = temporaryFolder();
        await testCase(makeBench(run, temporary.path, await kernelOf(run)));
      },
    });
  }
}

const CASES = {
  async "gives the same ranking twice, and with another number of threads"({ open, run, context, folder }: Bench) {
    await using one = await open(run.spec);
    const first = await Promise.all(QUERIES.map((q) => one.search(q, 20)));
    const again = await Promise.all(QUERIES.map((q) => one.search(q, 20)));
    await using three = await parse(run.spec).backend.open(
      join(folder, "indexes", indexName(run.spec)),
      parse(run.spec).options,
      {
        ...context,
        threads: 3,
      },
    );
    const threaded = await Promise.all(QUERIES.map((q) => three.search(q, 20)));
    deepStrictEqual(rankings(again), rankings(first));
    deepStrictEqual(rankings(threaded), rankings(first));
  },

  async "returns each passage at most once, best first, ties in passage order"({ open, run, source }: Bench) {
    await using index = await open(run.spec);
    const order = new Map([...source.dataset.passages()].map(({ id }, i) => [id, i]));
    for (const q of QUERIES) {
      const { ids, scores } = await index.search(q, 60);
      strictEqual(new Set(ids).size, ids.length);
      strictEqual(scores.length, ids.length);
      for (let i = 1; i < ids.length; i++) {
        ok(scores[i] < scores[i - 1] || (scores[i] === scores[i - 1] && order.get(ids[i])! > order.get(ids[i - 1])!));
      }
    }
  },

  async "returns a prefix of the longer ranking for a smaller k"({ open, run }: Bench) {
    await using index = await open(run.spec);
    for (const q of QUERIES) {
      const all = await index.search(q, 30);
      const few = await index.search(q, 7);
      deepStrictEqual(few.ids, all.ids.slice(0, 7));
    }
  },

  async "copes with k = 0 and with k larger than the collection"({ open, run }: Bench) {
    await using index = await open(run.spec);
    strictEqual((await index.search(QUERIES[0], 0)).ids.length, 0);
    const all = await index.search(QUERIES[0], 100_000);
    ok(all.ids.length > 0 && all.ids.length <= index.passages);
    await rejects(async () => await index.search(QUERIES[0], -1), RangeError);
    await rejects(async () => await index.search(QUERIES[0], 1.5), RangeError);
  },

  async "returns nothing for an empty query"({ open, run }: Bench) {
    await using index = await open(run.spec);
    strictEqual((await index.search(query(""), 10)).ids.length, 0);
    strictEqual((await index.rerank(query(""), ["p0"])).ids.length, 0);
  },

  async "searches concurrently"({ open, run }: Bench) {
    await using index = await open(run.spec);
    const sequential: SearchResult[] = [];
    for (const q of QUERIES) sequential.push(await index.search(q, 10));
    const many = await Promise.all(Array.from({ length: 40 }, (_, i) => index.search(QUERIES[i % QUERIES.length], 10)));
    many.forEach((result, i) => deepStrictEqual(rankings([result]), rankings([sequential[i % QUERIES.length]])));
  },

  async "re-ranks just the passages that it is given"({ open, run }: Bench) {
    await using index = await open(run.spec);
    for (const q of QUERIES) {
      const { ids, scores } = await index.search(q, 12);
      const again = await index.rerank(q, [...ids].reverse());
      deepStrictEqual(again.ids, ids);
      deepStrictEqual([...again.scores], [...scores]);
    }
    strictEqual((await index.rerank(QUERIES[0], [])).ids.length, 0);
    await expectError(() => index.rerank(QUERIES[0], ["nobody"]), 2, "nobody", "no such passage");
  },

  async [FILTERS]({ open, run, source }: Bench) {
    await using index = await open(run.spec);
    const passages = [...source.dataset.passages()];
    const third = passages.filter((_, i) => i % 3 === 1).map(({ id }) => id);
    for (const q of QUERIES) {
      const all = await index.search(q, 60);
      const { ids, scores } = await index.search(q, 60, { ids: third });
      deepStrictEqual(new Set(ids), new Set(third));
      const known = new Map(all.ids.map((id, i) => [id, all.scores[i]]));
      ids.forEach((id, i) => known.has(id) && strictEqual(scores[i], known.get(id)));
      const even = (_: Metadata, id: string) => Number(id.slice(1)) % 2 === 0;
      const both = await index.search(q, 60, { ids: third, where: even });
      deepStrictEqual(both.ids, ids.filter((id) => even({}, id)));
      strictEqual((await index.search(q, 4, { where: even })).ids.length, 4);
      strictEqual((await index.search(q, 10, { ids: [] })).ids.length, 0);
      strictEqual((await index.search(q, 10, { where: () => false })).ids.length, 0);
    }
    await expectError(() => index.search(QUERIES[0], 5, { ids: ["nobody"] }), 2, "nobody", "no such passage");
  },

  async "can be disposed of twice"({ open, run }: Bench) {
    const index = await open(run.spec);
    await index.search(QUERIES[0], 3);
    await index[Symbol.asyncDispose]();
    await index[Symbol.asyncDispose]();
  },

  async "does not open what an interrupted build left, and builds anew over it"(bench: Bench) {
    const { run, folder, source, context, open } = bench;
    const { backend, options } = parse(run.spec);
    const target = join(folder, "indexes", indexName(run.spec));
    let crashed = false;
    const broken: BuildSource = {
      ...source,
      dataset: {
        ...source.dataset,
        *passages() {
          yield* [...source.dataset.passages()].slice(0, 20);
          throw new Error("crash");
        },
      },
      embeddings: () => Promise.reject(new Error("crash")),
      index: () => Promise.reject(new Error("crash")),
    };
    await writeFolderAtomic(target, (temporary) => backend.build(broken, temporary, options, context), {
      ...STORE_ENTRY,
      resume: true,
    }).catch((error) => {
      crashed = error.message === "crash";
    });
    ok(crashed);
    await expectError(() => backend.open(target, options, context), 2, "found no");
    await expectError(() => backend.open(resumableOf(target), options, context), 2, "found no");
    await using index = await open(run.spec);
    strictEqual(index.passages, 60);
  },

  async "opens again and finds the same"({ open, run }: Bench) {
    const first = await open(run.spec);
    const before = await first.search(QUERIES[3], 15);
    await first[Symbol.asyncDispose]();
    await using second = await open(run.spec);
    deepStrictEqual(rankings([await second.search(QUERIES[3], 15)]), rankings([before]));
  },

  async "builds byte-identical indexes"({ folder, run, source, context }: Bench) {
    const { backend, options } = parse(run.spec);
    const [a, b] = [join(folder, "a"), join(folder, "b")];
    await writeFolderAtomic(a, (temporary) => backend.build(source, temporary, options, context), STORE_ENTRY);
    await writeFolderAtomic(b, (temporary) => backend.build(source, temporary, options, context), STORE_ENTRY);
    await using index = await backend.open(a, options, context);
    for (const { name } of index.footprint().files) {
      deepStrictEqual(Deno.readFileSync(join(a, name)), Deno.readFileSync(join(b, name)), name);
    }
  },

  async "tells what it costs"({ open, run }: Bench) {
    await using index = await open(run.spec);
    const { files, memoryBytes } = index.footprint();
    ok(files.length > 0 && files.every(({ bytes }) => bytes > 0));
    ok(memoryBytes > 0);
  },

  async "counts work that adds up"({ open, run }: Bench) {
    await using index = await open(run.spec);
    for (const q of QUERIES) {
      const started = performance.now();
      const { ids, stages } = await index.search(q, 10);
      const elapsed = performance.now() - started;
      ok(stages.length > 0);
      for (const { ms, macs, bytes, candidates } of stages) {
        ok(Math.min(ms, macs.float, macs.integer, bytes, candidates) >= 0);
      }
      ok(stages.reduce((sum, { ms }) => sum + ms, 0) <= elapsed);
      ok(stages.at(-1)!.candidates >= ids.length);
      ok(workOf(stages) > 0);
    }
  },

  async "tells no stages without tracing, and ranks alike"({ open, run, folder, context }: Bench) {
    await using index = await open(run.spec);
    const { backend, options } = parse(run.spec);
    const target = join(folder, "indexes", indexName(run.spec));
    await using silent = await backend.open(target, options, { ...context, tracing: false });
    for (const q of QUERIES) {
      const found = await silent.search(q, 10);
      deepStrictEqual(found.stages, []);
      deepStrictEqual(rankings([found]), rankings([await index.search(q, 10)]));
    }
  },

  async "does more work for more query rows or terms"({ open, run }: Bench) {
    await using index = await open(run.spec);
    const work = async (text: string) => workOf((await index.search(query(text), 5)).stages);
    ok(await work("alpha common beta") > await work("alpha common"));
  },

  async "equals exhaustive search at its widest settings"({ open, run }: Bench) {
    await using exact = await open("exhaustive");
    await using widest = await open(run.widest);
    for (const q of QUERIES) {
      deepStrictEqual(rankings([await widest.search(q, 60)]), rankings([await exact.search(q, 60)]));
    }
  },

  async "refuses an index that another encoder made"({ open, run, context, folder }: Bench) {
    await (await open(run.spec))[Symbol.asyncDispose]();
    const { backend, options } = parse(run.spec);
    const target = join(folder, "indexes", indexName(run.spec));
    const other = { ...context, encoderHash: "another-encoder" };
    await expectError(() => backend.open(target, options, other), 2, "fake-encoder", "another-encoder");
  },
};

async function kernelOf({ kernel = "wasm" }: ContractRun): Promise<KernelChoice> {
  if (kernel !== "auto") return (await builds()).find(({ name }) => name === kernel)!;
  return (await builds()).at(-1)!;
}

function makeBench(run: ContractRun, folder: string, kernel: KernelChoice): Bench {
  const encoder = fakeEncoder();
  const dataset = fakeDataset();
  const context: BackendContext = {
    threads: 2,
    kernel,
    store: TEST_STORE,
    quiet: true,
    encoderHash: encoder.hash,
    encoder: () => Promise.resolve(encoder),
    open: (spec, where, own) => parse(spec).backend.open(where, parse(spec).options, own),
  };
  const build = async (spec: string): Promise<string> => {
    const target = join(folder, "indexes", indexName(spec));
    const { backend, options } = parse(spec);
    try {
      Deno.statSync(target);
    } catch {
      await writeFolderAtomic(target, (temporary) => backend.build(source, temporary, options, context), STORE_ENTRY);
    }
    return target;
  };
  const source: BuildSource = {
    dataset,
    index: build,
    async embeddings() {
      const where = join(folder, "embeddings");
      await encodeCollection(dataset, encoder, where, { quiet: true });
      return readEmbeddings(where);
    },
  };
  return {
    run,
    folder,
    source,
    context,
    open: async (spec) => parse(spec).backend.open(await build(spec), parse(spec).options, context),
  };
}

function parse(spec: string): { backend: Backend; options: object } {
  return parseSpec(spec, BACKENDS);
}

function indexName(spec: string): string {
  return spec.replace(/[^a-z0-9]+/g, "_");
}

function query(text: string): BackendQuery {
  return { id: text, text, matrix: fakeMatrix(text) };
}

function rankings(results: readonly { ids: readonly string[]; scores: Float32Array }[]) {
  return results.map(({ ids, scores }) => ids.map((id, i) => [id, scores[i]]));
}

/** All multiply–accumulates of a search. */
function workOf(stages: readonly Stage[]): number {
  return stages.reduce((sum, { macs }) => sum + macs.float + macs.integer, 0);
}
