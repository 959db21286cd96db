import { join } from "node:path";
import { z } from "zod";
import { buildPlaidIndex } from "../backends/plaid/build/build_index.ts";
import type { BuildSettings } from "../backends/plaid/index/format.ts";
import { openPlaidIndex } from "../backends/plaid/index/open_index.ts";
import { allPassages } from "../backends/plaid/search/filter.ts";
import { planSearch, type Variant } from "../backends/plaid/search/plan.ts";
import { openSearcher } from "../backends/plaid/search/searcher.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";
import type { Matrix } from "../encoders/encoder.ts";
import { K_MEANS_DEFAULTS } from "../kernels/k_means/train.ts";
import type { KernelChoice } from "../kernels/kernel.ts";
import { writeJson } from "../support/atomic_write.ts";
import { readJson } from "../support/json.ts";
import { fromFileUrl, isFile } from "../support/paths.ts";
import { runJob, runPython } from "./python.ts";

/** What engines are given. */
export interface PlaidJob {
  readonly embeddings: Embeddings;
  readonly inputs: { readonly rows: string; readonly lengths: string; readonly queries: string };
  readonly queries: readonly Matrix[];
  readonly folder: string;
  readonly kernel: KernelChoice;
  readonly threads: number;
  readonly k: number;
  readonly passes: number;
}

/** How an engine searched with one setting. */
export interface Searched {
  readonly name: string;
  /** By query and pass. */
  readonly ms: readonly (readonly number[])[];
  /** Passage numbers, by query. */
  readonly rankings: readonly (readonly number[])[];
}

/** One engine with one index. */
export interface PlaidEngineRun {
  readonly name: string;
  /** Builds the index where it is missing, and searches all queries with every setting. */
  run(job: PlaidJob): Promise<readonly Searched[]>;
  /** Folder of the index, and how long it took to build and with how many threads. */
  index(job: PlaidJob): { readonly folder: string; readonly seconds: number; readonly threads: number };
}

const BUILT = "bench_build.json";
const built = z.object({ seconds: z.number(), threads: z.number() });
const answer = z.object({
  build_seconds: z.number().nullable(),
  settings: z.array(
    z.object({ name: z.string(), ms: z.array(z.array(z.number())), rankings: z.array(z.array(z.int())) }),
  ),
});

/** What becomes of residuals in an index that is compared. */
type Residuals = Pick<BuildSettings, "nbits" | "pq" | "step">;

/** latebench with some residuals, in some settings `variant,ncells,ndocs[,threshold]`. */
export function latebench(residuals: Residuals, settings: readonly string[]): PlaidEngineRun {
  const label = Object.entries(residuals).map(([name, value]) => `${name}=${value}`).join();
  const folderOf = ({ folder }: PlaidJob) => join(folder, `latebench-${label}`);
  return {
    name: `latebench, ${label}`,
    index: (job) => ({ folder: folderOf(job), ...readBuilt(folderOf(job)) }),
    async run(job) {
      const folder = folderOf(job);
      if (!isFile(join(folder, BUILT))) {
        Deno.mkdirSync(folder, { recursive: true });
        const { iterations, nearby, seed } = K_MEANS_DEFAULTS;
        const own = {
          ...residuals,
          partitions: "auto",
          kmeans_niters: iterations,
          points_per_centroid: 256,
          nearby,
          seed,
        } as const;
        const started = performance.now();
        await buildPlaidIndex(job.embeddings, folder, own, { ...job, quiet: false });
        writeBuilt(folder, (performance.now() - started) / 1000, job.threads);
      }
      const { setup } = openPlaidIndex(folder, { kernel: job.kernel, int8: true, cellTokens: true });
      using searcher = openSearcher(setup, job.threads);
      const everything = allPassages(setup);
      const searched: Searched[] = [];
      for (const name of settings) {
        const [variant, ncells, ndocs, threshold] = name.split(",");
        const options = {
          variant: variant as Variant,
          ...ncells ? { ncells: Number(ncells) } : {},
          ...ndocs ? { ndocs: Number(ndocs) } : {},
          ...threshold ? { centroid_score_threshold: Number(threshold) } : {},
        };
        const plan = planSearch(options, job.k);
        const one = async (query: Matrix) => {
          const started = performance.now();
          const { numbers } = await searcher.search(query, job.k, plan, everything);
          return { took: performance.now() - started, numbers };
        };
        for (const query of job.queries.slice(0, 10)) await one(query);
        const ms: number[][] = job.queries.map(() => []);
        const rankings: number[][] = [];
        for (let pass = 0; pass < job.passes; pass++) {
          for (const [q, query] of job.queries.entries()) {
            const { took, numbers } = await one(query);
            ms[q].push(took);
            rankings[q] = [...numbers];
          }
        }
        searched.push({ name, ms, rankings });
      }
      return searched;
    },
  };
}

/** fast-plaid or xtr-warp-rs, from PyPI. */
export function pythonEngine(
  engine: "fast-plaid" | "xtr-warp",
  nbits: number,
  settings: readonly Readonly<Record<string, string | number>>[],
): PlaidEngineRun {
  return peer(`${engine}, ${nbits} bits`, `${engine}-${nbits}`, settings, (job, inputs) => {
    return runPython("plaid.py", { ...inputs, engine, nbits }, job.threads, "requirements.plaid.txt");
  });
}

/** Stanford's ColBERT, from PyPI; searches only. */
export function stanford(
  nbits: number,
  settings: readonly Readonly<Record<string, string | number>>[],
): PlaidEngineRun {
  return peer(`ColBERT, ${nbits} bits`, `stanford-${nbits}`, settings, (job, inputs) => {
    return runPython("stanford.py", inputs, job.threads, "requirements.stanford.txt");
  });
}

/** next-plaid, from crates.io, compiled here for this CPU. */
export function nextPlaid(
  nbits: number,
  settings: readonly Readonly<Record<string, string | number | null>>[],
): PlaidEngineRun {
  return peer(`next-plaid, ${nbits} bits`, `next-plaid-${nbits}`, settings, async (job, inputs) => {
    const args = ["run", "--release", "--quiet", "--manifest-path", copyDriver(job.folder)];
    const env = { RAYON_NUM_THREADS: String(job.threads), RUSTFLAGS: "-C target-cpu=native" };
    return await runJob("cargo", args, env, { ...inputs, nbits }, "next-plaid");
  });
}

function peer(
  name: string,
  folderName: string,
  settings: readonly object[],
  ask: (job: PlaidJob, inputs: object) => Promise<unknown>,
): PlaidEngineRun {
  const folderOf = ({ folder }: PlaidJob) => join(folder, folderName);
  return {
    name,
    index: (job) => ({ folder: folderOf(job), ...readBuilt(folderOf(job)) }),
    async run(job) {
      const { inputs, queries: [{ rows: query_rows, dim }], threads, k, passes } = job;
      const folder = folderOf(job);
      const build = !isFile(join(folder, BUILT));
      const all = { ...inputs, dim, query_rows, threads, k, passes, settings, index: folder, build };
      const { build_seconds, settings: searched } = answer.parse(await ask(job, all));
      if (build_seconds !== null) writeBuilt(folder, build_seconds, threads);
      return searched;
    },
  };
}

/** Copies the driver into the bench folder: what cargo makes of it is no part of the program. */
function copyDriver(folder: string): string {
  const own = join(folder, "..", "next_plaid");
  const source = (name: string) => Deno.readTextFileSync(fromFileUrl(new URL(`./next_plaid/${name}`, import.meta.url)));
  Deno.mkdirSync(join(own, "src"), { recursive: true });
  for (const name of ["Cargo.toml", "src/main.rs"]) {
    const target = join(own, name);
    if (!isFile(target) || Deno.readTextFileSync(target) !== source(name)) Deno.writeTextFileSync(target, source(name));
  }
  return join(own, "Cargo.toml");
}

/** Notes how long an index took to build; one that has this is not built again. */
export function writeBuilt(folder: string, seconds: number, threads: number): void {
  writeJson(join(folder, BUILT), { seconds, threads });
}

function readBuilt(folder: string): z.infer<typeof built> {
  return readJson(join(folder, BUILT), built, "the time of a build");
}
