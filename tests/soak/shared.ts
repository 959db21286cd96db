import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isFile } from "../../support/paths.ts";
import { seededRandom } from "../../support/random.ts";
import { type CliResult, runCli } from "../e2e/cli.ts";

/** How many processes use one store at once, how often, and with which backends. */
export interface SharedPlan {
  readonly processes: number;
  readonly rounds: number;
  readonly backends: readonly string[];
  readonly seed: number;
  /** Told of every round that is done. */
  readonly progress?: (round: number) => void;
}

const WORDS = "alpha beta gamma delta omega sigma kappa theta lambda zeta common rare river bank stone bread".split(
  " ",
);
const PASSAGES = 30;

/** What evaluations do with a store and with a results folder that others use. */
const MODES = [[], ["--force"], ["--resume"], []] as const;

/**
 * Lets processes use one store at once, on a store that is fresh in every round: evaluations with and without `--force` and `--resume` (in
 * every other round with one results folder for all of them), then builds of one index, and equal updates and searches of it.
 *
 * @throws {AssertionError} where one does not end well, or has other figures than the others
 */
export async function shareStore(folder: string, plan: SharedPlan): Promise<void> {
  const random = seededRandom(plan.seed);
  const dataset = writeDataset(folder, random);
  let expected: unknown;
  for (let round = 0; round < plan.rounds; round++) {
    const store = join(folder, `store-${round}`);
    const out = (process: number) => join(folder, round % 2 === 0 ? `out-${round}` : `out-${round}-${process}`);
    const ended = await Promise.all(Array.from({ length: plan.processes }, async (_, process) => {
      await new Promise((done) => setTimeout(done, random() * 200));
      const systems = plan.backends.flatMap((backend) => ["--backend", backend]);
      const where = ["--dataset", dataset, "--store", store, "--out", out(process), "--json", "--quiet"];
      const how = ["--threads", "1", ...MODES[process % MODES.length]];
      return wellEnded(await runCli("eval", [...where, ...systems, ...how], { NO_COLOR: "1" }));
    }));
    for (const { stdout } of ended) {
      const figures = figuresOf(JSON.parse(stdout));
      expected ??= figures;
      deepStrictEqual(figures, expected);
    }
    for (let process = 0; process < plan.processes; process++) checkResults(out(process), expected);
    await shareIndex(join(folder, `index-${round}`), store, folder, plan.processes);
    for (const name of Deno.readDirSync(folder)) {
      if (/^(store|out|index)-/.test(name.name)) Deno.removeSync(join(folder, name.name), { recursive: true });
    }
    plan.progress?.(round);
  }
}

/** Builds of one index, then equal updates of it, searches meanwhile. */
async function shareIndex(index: string, store: string, folder: string, processes: number): Promise<void> {
  const common = ["--index", index, "--store", store, "--threads", "1", "--quiet"];
  const collection = join(folder, "c.tsv");
  const all = <T>(act: (process: number) => Promise<T>) =>
    Promise.all(Array.from({ length: processes }, (_, i) => act(i)));
  const build = ["--collection", collection, "--backend", "plaid:partitions=8", ...common];
  const built = await all((i) => runCli("index", i % 2 === 0 ? build : [...build, "--force"]));
  for (const { code, stderr } of built) {
    if (code !== 0) match(stderr, /it already exists|found a folder/);
    ok(code <= 2 && !stderr.includes("    at "), stderr);
  }
  ok(built.some(({ code }) => code === 0));
  const added = join(folder, "more.tsv");
  await all(async (i) => {
    const change = ["upsert", "--collection", added, ...common];
    wellEnded(await (i % 2 === 0 ? runCli("index", change) : runCli("search", [...common, "--json", WORDS[0]])));
  });
  const { stdout } = wellEnded(await runCli("search", [...common, "--k", "100", "--json", WORDS.join(" ")]));
  const ids: string[] = JSON.parse(stdout).hits.map(({ id }: { id: string }) => id);
  deepStrictEqual(ids.sort(), [...Array.from({ length: PASSAGES }, (_, i) => `p${i}`), "new"].sort());
  const left = Array.from(Deno.readDirSync(join(store, "embeddings")), ({ name }) => name);
  ok(!left.some((name) => name.endsWith(".update")), `an update has left ${left}`);
}

function wellEnded(result: CliResult): CliResult {
  strictEqual(result.code, 0, result.stderr);
  ok(!result.stderr.includes("    at "), result.stderr);
  return result;
}

/** A results folder has a whole results file with the same figures, and the runs that it names. */
function checkResults(out: string, expected: unknown): void {
  const results = JSON.parse(Deno.readTextFileSync(join(out, "results.json")));
  deepStrictEqual(figuresOf(results), expected);
  for (const { run_files } of results.cells) {
    for (const file of Object.values(run_files as Record<string, string>)) ok(isFile(join(out, file)), file);
  }
  const left = Array.from(Deno.readDirSync(out), ({ name }) => name);
  ok(!left.some((name) => /partial|status/.test(name)), left.join());
}

interface SomeResults {
  readonly failures: readonly unknown[];
  readonly cells: readonly Record<string, unknown>[];
}

/** All of the results that is not a time; sizes are compared without those of the two files that hold times. */
function figuresOf({ cells, failures }: SomeResults): unknown {
  return [
    failures,
    cells.map(({ latency: _latency, stages, stages_ms: _ms, build: _build, footprint, queries, ...cell }) => ({
      ...cell,
      files: (footprint as { readonly files: readonly { readonly name: string }[] }).files.filter(({ name }) => {
        return !/(^|\/)(build|embeddings)\.json$/.test(name);
      }),
      stages: (stages as readonly Record<string, unknown>[]).map(({ mean_ms: _, ...stage }) => stage),
      queries: (queries as readonly Record<string, unknown>[]).map((query) => {
        const { search_ms: _search, with_encoding_ms: _encoding, ...rest } = query;
        return rest;
      }),
    })),
  ];
}

function writeDataset(folder: string, random: () => number): string {
  const text = (words: number) => {
    return Array.from({ length: words }, () => WORDS[Math.floor(random() * WORDS.length)]).join(" ");
  };
  const lines = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join("");
  const files = {
    "dataset.yaml": `name: mine
collection: { file: c.tsv, format: tsv }
topics:
  - name: all
    queries: { file: q.tsv, format: tsv }
    qrels: { file: qrels, format: trec }
    measures: ["RR@10"]
`,
    "c.tsv": lines(PASSAGES, (i) => `p${i}\t${text(12)}\n`),
    "q.tsv": lines(3, (i) => `q${i}\t${text(4)}\n`),
    qrels: lines(3, (i) => `q${i} 0 p${7 * i} 1\n`),
    "more.tsv": `p3\t${text(12)}\nnew\t${text(12)}\n`,
  };
  for (const [name, content] of Object.entries(files)) Deno.writeTextFileSync(join(folder, name), content);
  return folder;
}
