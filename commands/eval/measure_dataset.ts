import { join } from "node:path";
import type { BackendContext } from "../../backends/backend.ts";
import type { ParsedSpec } from "../../backends/spec.ts";
import type { Dataset, Run } from "../../datasets/dataset.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import { EXHAUSTIVE, measureSystem, type PreparedQueries, prepareQueries, type System } from "../../eval/harness.ts";
import { measureCandidates } from "../../eval/measure_run.ts";
import type { LatencyRatio } from "../../eval/results/latency_schema.ts";
import type { Cell, Failure } from "../../eval/results/schema.ts";
import type { LoadedTopics } from "../../eval/topics.ts";
import { writeJson } from "../../support/atomic_write.ts";
import type { Artefacts } from "./artefacts.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import { failureOf } from "./failure.ts";
import type { RunBoard } from "./live/run_board.ts";
import { type MeasuredSystem, timeTopics } from "./latency/time_topics.ts";
import { savedCell, savedTimes } from "./saved.ts";
import { usesEncoder } from "./setup.ts";

/** A data set, and what is needed to measure systems on it. */
export interface MeasuredDataset {
  readonly dataset: Dataset;
  readonly topics: readonly LoadedTopics[];
  readonly artefacts: Artefacts;
  readonly encoder: Encoder | null;
  readonly context: BackendContext;
}

/** Everything that was measured on a data set. */
export interface DatasetCells {
  readonly cells: readonly Cell[];
  readonly ratios: readonly LatencyRatio[];
  readonly failures: readonly Failure[];
}

/** Measures every system on every topic set of a data set. */
export async function measureDataset(
  data: MeasuredDataset,
  systems: readonly ParsedSpec[],
  options: EvaluateOptions,
  board: RunBoard,
): Promise<DatasetCells> {
  const { dataset, topics, artefacts, encoder, context } = data;
  const prepared: PreparedQueries[] = []; // one after the other: their encoding is timed
  const cells = new Map<string, Cell>();
  const place = (topic: number, system: number) => `${topic} ${system}`;
  const best: Run[] = []; // exhaustive search's rankings
  const failures: Failure[] = [];
  const exhaustive = systems.find(({ backend }) => backend.name === EXHAUSTIVE);
  const first = [...systems.entries()].sort(([, a], [, b]) => Number(b === exhaustive) - Number(a === exhaustive));
  const measureOne = async (s: number, spec: ParsedSpec) => {
    const saved = topics.map((loaded) => savedCell(data, loaded, spec, exhaustive, options));
    saved.forEach(({ cell }, t) => cell && cells.set(place(t, s), cell));
    if (saved.every(({ cell }) => cell)) return;
    const { folder, build } = await artefacts.build(spec);
    const system: System = {
      label: spec.label,
      backend: spec.backend.name,
      kernel: usesEncoder(spec) ? context.kernel.name : null,
      usesEncoder: usesEncoder(spec),
      tokens: usesEncoder(spec) ? artefacts.embeddingsHeader()?.tokens ?? null : null,
      build,
    };
    const open = (tracing: boolean) => spec.backend.open(folder, spec.options, { ...context, tracing });
    for (const [t, { cell, file }] of saved.entries()) {
      if (cell) continue;
      prepared[t] ??= await prepareQueries(topics[t], encoder, options.latency);
      const reference = exhaustive && cells.get(place(t, systems.indexOf(exhaustive)))?.run_files?.trec;
      if (reference !== undefined) best[t] ??= readRun(join(options.out, reference));
      const measured = await measureSystem(dataset.name, prepared[t], system, open, best[t] ?? null, options);
      writeJson(file, measured);
      cells.set(place(t, s), measured);
    }
  };
  for (const [s, spec] of first) { // the others are compared with exhaustive search
    board.begin(dataset.name, spec.label);
    try {
      await measureOne(s, spec);
      if (options.latency === "full") board.pause(dataset.name, spec.label); // its times are still to be taken
      else board.end(dataset.name, spec.label, null);
    } catch (error) {
      const failure = failureOf(dataset, spec.label, error, options);
      failures.push(failure);
      board.end(dataset.name, spec.label, failure.error);
    }
    board.found([...cells.values()]);
  }
  const all: Cell[] = [];
  const ratios: LatencyRatio[] = [];
  for (const [t, loaded] of topics.entries()) {
    const supplied = measureCandidates(dataset.name, loaded, options.k);
    const measured = systems.flatMap((spec, s) => {
      const cell = cells.get(place(t, s));
      return cell ? [{ spec, cell }] : [];
    });
    const full = options.latency === "full";
    if (full) { for (const { spec } of measured) board.begin(dataset.name, spec.label); }
    const timed = full ? await timeInFull(data, loaded, measured, options) : null;
    if (full) {
      const end = t === topics.length - 1 ? board.end : board.pause;
      for (const { spec } of measured) end(dataset.name, spec.label, null);
    }
    all.push(...supplied ? [supplied] : [], ...timed?.cells ?? measured.map(({ cell }) => cell));
    ratios.push(...timed?.ratios ?? []);
  }
  return { cells: all, ratios, failures };
}

async function timeInFull(
  data: MeasuredDataset,
  loaded: LoadedTopics,
  measured: readonly Omit<MeasuredSystem, "folder">[],
  options: EvaluateOptions,
) {
  const { dataset, artefacts, encoder, context } = data;
  const { times, file } = savedTimes(data, loaded, measured.map(({ spec }) => spec), options);
  if (times) return times;
  const systems: MeasuredSystem[] = [];
  for (const { spec, cell } of measured) systems.push({ spec, cell, folder: (await artefacts.build(spec)).folder });
  const found = await timeTopics(systems, loaded, dataset.name, encoder, context, { ...options.full, ...options });
  writeJson(file, found);
  return found;
}
