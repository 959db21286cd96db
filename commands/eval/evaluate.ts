import { join } from "node:path";
import type { BackendContext } from "../../backends/backend.ts";
import type { ParsedSpec } from "../../backends/spec.ts";
import type { Dataset, Run } from "../../datasets/dataset.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import type { LatencyMethod } from "../../eval/latency/timed_searches.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import {
  measureCandidates,
  measureSystem,
  type PreparedQueries,
  prepareQueries,
  type System,
} from "../../eval/harness.ts";
import { type Cell, cellSchema, type Results, RESULTS_VERSION } from "../../eval/results/schema.ts";
import { checkJudgedPassages, type LoadedTopics, loadTopics } from "../../eval/topics.ts";
import { writeJson } from "../../support/atomic_write.ts";
import { artefactKey, sha256File } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import { isFile } from "../../support/paths.ts";
import { type Artefacts, openArtefacts } from "./artefacts.ts";
import { describeDataset } from "./describe_dataset.ts";
import { readEnvironment } from "./environment.ts";
import { openSetup, type SetupOptions, usesEncoder } from "./setup.ts";
import { explainMissed, type Missed } from "./why_missed.ts";

/** Settings of a run; see `deno task eval --help`. */
export interface EvaluateOptions extends SetupOptions {
  readonly k: number;
  readonly latency: LatencyMethod;
  readonly out: string;
  readonly resume: boolean;
  readonly force: boolean;
  readonly command: readonly string[];
}

/** Measures every system on every topic set of every data set. */
export async function evaluate(
  datasets: readonly Dataset[],
  systems: readonly ParsedSpec[],
  options: EvaluateOptions,
): Promise<Results> {
  const environment = await readEnvironment(options.threads);
  const loaded = datasets.map((dataset) => ({ dataset, topics: dataset.topics.map((t) => loadTopics(dataset, t)) }));
  for (const { dataset, topics } of loaded) checkJudgedPassages(dataset, topics);
  await using setup = await openSetup(systems, options);
  const { encoder, context } = setup;
  const records: Results["datasets"] = [];
  const cells: Cell[] = [];
  for (const { dataset, topics } of loaded) {
    const artefacts = openArtefacts(dataset, encoder, context, options);
    const measured = await measureDataset(dataset, topics, systems, artefacts, encoder, context, options);
    cells.push(...measured);
    records.push(describeDataset(dataset, topics, measured, artefacts.embeddingsHeader()));
  }
  return {
    format: "latebench-results",
    version: RESULTS_VERSION,
    command: [...options.command],
    environment,
    encoder: encoder && {
      hash: encoder.hash,
      config: encoder.config,
      model_bytes: encoder.modelBytes,
      runtime: encoder.runtime,
    },
    datasets: records,
    cells,
  };
}

/** Tells for every system why it does not find a passage, in the data sets that have the query. */
export async function explainMissing(
  datasets: readonly Dataset[],
  systems: readonly ParsedSpec[],
  options: Pick<EvaluateOptions, keyof SetupOptions | "k" | "force">,
  missed: Missed,
): Promise<string[]> {
  await using setup = await openSetup(systems, options);
  const { encoder, context } = setup;
  const known = datasets.filter(({ topics }) =>
    topics.some((set) => set.queries().some(({ id }) => id === missed.qid))
  );
  const told: string[] = [];
  for (const dataset of known.length > 0 ? known : datasets) {
    const artefacts = openArtefacts(dataset, encoder, context, options);
    for (const spec of systems) {
      const { folder } = await artefacts.build(spec);
      await using index = await spec.backend.open(folder, spec.options, context);
      told.push(await explainMissed(dataset, spec, index, encoder, options.k, missed));
    }
  }
  return told;
}

/** The system whose rankings are the others' reference. */
const EXHAUSTIVE = "exhaustive";

async function measureDataset(
  dataset: Dataset,
  topics: readonly LoadedTopics[],
  systems: readonly ParsedSpec[],
  artefacts: Artefacts,
  encoder: Encoder | null,
  context: BackendContext,
  options: EvaluateOptions,
): Promise<Cell[]> {
  const prepared: PreparedQueries[] = []; // one after the other: their encoding is timed
  const cells = new Map<string, Cell>();
  const place = (topic: number, system: number) => `${topic} ${system}`;
  const best: Run[] = []; // exhaustive search's rankings
  const exhaustive = systems.find(({ backend }) => backend.name === EXHAUSTIVE);
  const first = [...systems.entries()].sort(([, a], [, b]) => Number(b === exhaustive) - Number(a === exhaustive));
  for (const [s, spec] of first) { // the others are compared with exhaustive search
    const saved = topics.map((loaded) => {
      return savedCell(dataset, loaded, spec, exhaustive, artefacts, context, options);
    });
    saved.forEach(({ cell }, t) => cell && cells.set(place(t, s), cell));
    if (saved.every(({ cell }) => cell)) continue;
    const built = await artefacts.build(spec);
    await using index = await spec.backend.open(built.folder, spec.options, context);
    const system: System = {
      label: spec.label,
      backend: spec.backend.name,
      kernel: usesEncoder(spec) ? context.kernel.name : null,
      usesEncoder: usesEncoder(spec),
      buildSeconds: built.seconds,
    };
    for (const [t, { cell, file }] of saved.entries()) {
      if (cell) continue;
      prepared[t] ??= await prepareQueries(topics[t], encoder, options.latency);
      const reference = exhaustive && cells.get(place(t, systems.indexOf(exhaustive)))?.run_files?.trec;
      if (reference !== undefined) best[t] ??= readRun(join(options.out, reference));
      const measured = await measureSystem(dataset.name, prepared[t], system, index, best[t] ?? null, options);
      writeJson(file, measured);
      cells.set(place(t, s), measured);
    }
  }
  return topics.flatMap((loaded, t) => {
    const supplied = measureCandidates(dataset.name, loaded, options.k);
    return [...supplied ? [supplied] : [], ...systems.map((_, s) => cells.get(place(t, s))!)];
  });
}

/** A cell that an interrupted run of the same settings measured, where `--resume` asks for it. */
function savedCell(
  dataset: Dataset,
  loaded: LoadedTopics,
  spec: ParsedSpec,
  exhaustive: ParsedSpec | undefined,
  artefacts: Artefacts,
  context: BackendContext,
  { out, k, latency, resume, threads }: EvaluateOptions,
): { cell: Cell | null; file: string } {
  const key = artefactKey({
    version: RESULTS_VERSION,
    dataset: dataset.name,
    collection: artefacts.collectionHash,
    topics: loaded.topics.name,
    judgements: loaded.hash,
    measures: loaded.topics.measures,
    candidates: loaded.candidates && [...loaded.candidates],
    bm25: dataset.bm25,
    files: Object.values(spec.options).filter((value) => typeof value === "string" && isFile(value)).map(sha256File),
    system: spec.label,
    reference: exhaustive?.label,
    encoder: usesEncoder(spec) ? context.encoderHash : null,
    kernel: context.kernel.name,
    threads,
    k,
    latency,
  });
  const file = join(out, "cells", `${key}.json`);
  if (!resume || !isFile(file)) return { cell: null, file };
  return { cell: readJson(file, cellSchema, "a measured cell"), file };
}
