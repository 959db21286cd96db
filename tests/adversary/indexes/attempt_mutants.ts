import { join } from "node:path";
import type { BackendContext, BackendQuery, Index } from "../../../backends/backend.ts";
import { openSnapshot } from "../../../backends/living/snapshot.ts";
import { openPassageTexts } from "../../../backends/passage_texts.ts";
import { BACKENDS } from "../../../backends/registry.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { verifyIndex } from "../../../commands/doctor/verify.ts";
import { openBySpec, usesEncoder } from "../../../commands/eval/setup.ts";
import type { Encoder } from "../../../encoders/encoder.ts";
import { loadEncoder } from "../../../encoders/load.ts";
import { encodeForSearch } from "../../../encoders/query.ts";
import { chooseKernel } from "../../../kernels/choose.ts";
import { LatebenchError } from "../../../support/errors.ts";
import { explainFailure } from "../../../support/failures.ts";
import { spreadRandom } from "../spread_random.ts";
import { linesOf } from "../lines_of.ts";
import { differences, takeSnapshot } from "../snapshot.ts";
import { ANSWER } from "../watched_child.ts";
import { type Files, mutate, type Mutation, readFiles } from "./mutate.ts";
import { QUERY_TEXTS, VARIANTS } from "./variants.ts";

/** What a child is told when it starts. */
export interface MutantSetup {
  /** Holds a folder for each variant, which the child may change, and nothing that it may not. */
  readonly root: string;
  readonly store: string;
}

/** One mutated index to be tried. */
export interface MutantQuestion {
  /** Number of the variant. */
  readonly variant: number;
  readonly seed: number;
}

/** What a search of a mutated index, or `doctor --index`, came to. */
export type MutantVerdict = "refused" | "same ranking" | "other ranking" | "meaningless" | "trace";

/** What became of a mutated index. */
export interface MutantAnswer {
  readonly file: string;
  readonly how: string;
  readonly resealed: boolean;
  readonly search: MutantVerdict;
  readonly doctor: "sound" | "faulty" | "trace";
  /** The messages of errors, and what else there is to say. */
  readonly detail: readonly string[];
  /** Paths outside the index that are others than before. */
  readonly touched: readonly string[];
}

const HITS = 10;

/** An honest index with what its searches give. */
interface Honest {
  readonly folder: string;
  readonly files: Files;
  readonly times: ReadonlyMap<string, Date>;
  /** Records of opening, which an honest user has too. */
  readonly records: Files;
  readonly ranking: string;
  /** What `doctor --index` says against it. */
  readonly faults: readonly string[];
}

const setup: MutantSetup = JSON.parse(Deno.args[0] ?? "null");
if (setup) {
  await answerAll(setup).catch((error) => {
    console.error(error);
    Deno.exit(70);
  });
}

async function answerAll({ root, store }: MutantSetup): Promise<void> {
  const { choice: kernel } = await chooseKernel("auto", store);
  await using encoder = await loadEncoder("builtin", { threads: 1, store, quiet: true });
  const queries: BackendQuery[] = [];
  for (const [i, text] of QUERY_TEXTS.entries()) {
    queries.push({ id: `q${i}`, text, matrix: (await encodeForSearch(encoder, text)).matrix });
  }
  const context: BackendContext = { threads: 1, kernel, store, quiet: true, open: openBySpec };
  const late: string[] = [];
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    late.push(String(event.reason));
  });
  const tools = { encoder, queries, context };
  const honest = new Map<number, Honest>();
  for await (const line of linesOf(Deno.stdin.readable)) {
    const { variant, seed }: MutantQuestion = JSON.parse(line);
    const index = honest.get(variant) ?? await readHonest(join(root, VARIANTS[variant].name), tools);
    honest.set(variant, index);
    const mutation = mutate(index.files, spreadRandom(`mutant ${seed}`));
    const answer = await attempt(index, mutation, tools, root);
    if (late.length > 0) answer.detail.push(`unhandled: ${late.splice(0).join("; ")}`);
    Deno.stdout.writeSync(new TextEncoder().encode(`\n${ANSWER}${JSON.stringify(answer)}\n`));
  }
}

interface Tools {
  readonly encoder: Encoder;
  readonly queries: readonly BackendQuery[];
  readonly context: BackendContext;
}

async function readHonest(folder: string, tools: Tools): Promise<Honest> {
  const files = readFiles(folder);
  const times = new Map([...files.keys()].map((path) => [path, Deno.statSync(join(folder, path)).mtime!]));
  const ranking = await search(folder, tools);
  const faults: string[] = [];
  const sound = await verify(folder, tools.context.store, faults).catch((
    error,
  ) => (faults.push(describe(error)), false));
  return {
    folder,
    files,
    times,
    records: readRecords(folder),
    ranking,
    faults: sound ? [] : ["unhandled: a sound index", ...faults],
  };
}

async function attempt(honest: Honest, mutation: Mutation, tools: Tools, root: string) {
  const { folder, files, times } = honest;
  const own = folder.slice(root.length + 1);
  // Names of other files stand in JSON; for the rest, what lies at the top is enough.
  const unseen = [...mutation.changed.keys()].some((path) => path.endsWith(".json"))
    ? [own]
    : VARIANTS.map(({ name }) => name);
  const before = takeSnapshot(root, unseen);
  for (const [path, bytes] of mutation.changed) {
    replace(join(folder, path), bytes, mutation.keepsTime ? times.get(path)! : undefined);
  }
  const detail = [...honest.faults];
  const verdict = await judgeSearch(folder, honest.ranking, tools, detail);
  let doctor: MutantAnswer["doctor"];
  try {
    doctor = await verify(folder, tools.context.store, detail) ? "sound" : "faulty";
  } catch (error) {
    detail.push(describe(error));
    doctor = isDefect(error) ? "trace" : "faulty";
  }
  for (const path of mutation.changed.keys()) replace(join(folder, path), files.get(path)!, times.get(path));
  for (const [path, bytes] of honest.records) replace(join(folder, path), bytes);
  const touched = differences(before, takeSnapshot(root, unseen)).map(({ path, what }) => `${path} ${what}`);
  const { file, how, resealed } = mutation;
  return { file, how, resealed, search: verdict, doctor, detail, touched } satisfies MutantAnswer;
}

async function judgeSearch(folder: string, expected: string, tools: Tools, detail: string[]): Promise<MutantVerdict> {
  try {
    const ranking = await search(folder, tools);
    if (ranking === expected) return "same ranking";
    if (/NaN|null|Infinity/.test(ranking)) return "meaningless";
    return "other ranking";
  } catch (error) {
    detail.push(describe(error));
    return isDefect(error) ? "trace" : "refused";
  }
}

/** Does what `search --explain` does, and gives rankings with scores and texts as one text. */
async function search(folder: string, { encoder, queries, context }: Tools): Promise<string> {
  using snapshot = openSnapshot(folder);
  const { backend, encoder: own } = snapshot.manifest;
  const spec = parseSpec(backend, BACKENDS);
  if (usesEncoder(spec) && own && own.spec !== "builtin") {
    await using other = await loadEncoder(own.spec, { threads: 1, store: context.store, quiet: true });
    if (other.hash !== encoder.hash) throw new LatebenchError(`${folder}: another encoder`, 2);
  }
  const vectors = usesEncoder(spec);
  await using index = await spec.backend.open(snapshot.index, spec.options, {
    ...context,
    ...vectors ? { encoderHash: encoder.hash, encoder: () => Promise.resolve(encoder) } : {},
  });
  const texts = openPassageTexts(snapshot.texts);
  const rankings = [];
  for (const query of queries) {
    const { ids, scores } = await index.search(query, HITS);
    rankings.push({ ids, scores: Array.from(scores, (score) => String(score)), texts: texts.read(ids).texts });
    await look(index, query, ids);
  }
  return JSON.stringify(rankings);
}

/** What only explanations and reports read. */
async function look(index: Index, query: BackendQuery, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await index.trace?.(query, HITS, [ids[0], "p30"]);
  await index.interactions?.(query, ids[0]);
  index.footprint();
}

async function verify(folder: string, store: string, detail: string[]): Promise<boolean> {
  const { log } = console;
  console.log = (line: string) => {
    if (line.startsWith("fault")) detail.push(line);
  };
  try {
    return await verifyIndex(folder, store);
  } finally {
    console.log = log;
  }
}

/** What users are told is a defect of the program. */
function isDefect(error: unknown): boolean {
  return explainFailure(error).message.startsWith("unexpected error");
}

function describe(error: unknown): string {
  if (!isDefect(error)) return explainFailure(error).message.slice(0, 500);
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 1500) : String(error);
}

function readRecords(folder: string): Files {
  const records: Files = new Map();
  const visit = (path: string) => {
    for (const { name, isFile, isDirectory } of Deno.readDirSync(join(folder, path))) {
      const inner = join(path, name);
      if (isDirectory) visit(inner);
      else if (isFile && name.startsWith(".")) records.set(inner, Deno.readFileSync(join(folder, inner)));
    }
  };
  visit("");
  return records;
}

/** A new file in the place of one: maps of the old one keep what they show. */
function replace(file: string, bytes: Uint8Array, time?: Date): void {
  Deno.writeFileSync(`${file}~`, bytes);
  Deno.renameSync(`${file}~`, file);
  if (time) Deno.utimeSync(file, time, time);
}
