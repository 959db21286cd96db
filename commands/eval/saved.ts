import { join } from "node:path";
import { z } from "zod";
import type { ParsedSpec } from "../../backends/spec.ts";
import { latencyRatioSchema } from "../../eval/results/latency_schema.ts";
import { type Cell, cellSchema, RESULTS_VERSION } from "../../eval/results/schema.ts";
import type { LoadedTopics } from "../../eval/topics.ts";
import { artefactKey, sha256File } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import { isFile } from "../../support/paths.ts";
import type { EvaluateOptions } from "./evaluate.ts";
import type { MeasuredDataset } from "./measure_dataset.ts";
import { usesEncoder } from "./setup.ts";

const timesSchema = z.strictObject({ cells: z.array(cellSchema), ratios: z.array(latencyRatioSchema) });

/** A cell that an interrupted run of the same settings measured, where `--resume` asks for it, and the file for it. */
export function savedCell(
  data: MeasuredDataset,
  loaded: LoadedTopics,
  spec: ParsedSpec,
  exhaustive: ParsedSpec | undefined,
  { out, resume, ...options }: EvaluateOptions,
): { readonly cell: Cell | null; readonly file: string } {
  const key = artefactKey({
    ...inputs(data, loaded, options),
    files: Object.values(spec.options).filter((value) => typeof value === "string" && isFile(value)).map(sha256File),
    system: spec.label,
    reference: exhaustive?.label,
    encoder: usesEncoder(spec) ? data.context.encoderHash : null,
  });
  const file = join(out, "cells", `${key}.json`);
  return { cell: resume && isFile(file) ? readJson(file, cellSchema, "a measured cell") : null, file };
}

/** The same for the times of all systems of a topic set. */
export function savedTimes(
  data: MeasuredDataset,
  loaded: LoadedTopics,
  systems: readonly ParsedSpec[],
  { out, resume, full, ...options }: Omit<EvaluateOptions, "latency">,
): { readonly times: z.infer<typeof timesSchema> | null; readonly file: string } {
  const key = artefactKey({
    ...inputs(data, loaded, { ...options, latency: "full" }),
    systems: systems.map(({ label }) => label),
    encoder: data.context.encoderHash,
    full,
  });
  const file = join(out, "cells", `times-${key}.json`);
  return { times: resume && isFile(file) ? readJson(file, timesSchema, "measured times") : null, file };
}

/** What decides about the figures of every system of a topic set. */
function inputs(
  { dataset, artefacts, context }: MeasuredDataset,
  { topics, hash, measures, candidates }: LoadedTopics,
  { k, latency, threads }: Pick<EvaluateOptions, "k" | "latency" | "threads">,
) {
  return {
    version: RESULTS_VERSION,
    dataset: dataset.name,
    collection: artefacts.collectionHash,
    topics: topics.name,
    judgements: hash,
    measures,
    candidates: candidates && [...candidates],
    bm25: dataset.bm25,
    kernel: context.kernel.name,
    threads,
    k,
    latency,
  };
}
