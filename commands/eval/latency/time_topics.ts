import { join } from "node:path";
import type { BackendContext } from "../../../backends/backend.ts";
import type { ParsedSpec } from "../../../backends/spec.ts";
import type { Encoder } from "../../../encoders/encoder.ts";
import type { LatencyRatio } from "../../../eval/results/latency_schema.ts";
import type { Cell } from "../../../eval/results/schema.ts";
import type { LoadedTopics } from "../../../eval/topics.ts";
import { usesEncoder } from "../setup.ts";
import { measureLatency } from "./measure.ts";
import type { FullOptions } from "./options.ts";
import type { TimedQuery } from "./protocol.ts";

/** A system of a topic set that was measured but for its times. */
export interface MeasuredSystem {
  readonly spec: ParsedSpec;
  readonly folder: string;
  readonly cell: Cell;
}

/** What measuring in full is told. */
export interface TimingOptions extends FullOptions {
  readonly encoder: string;
  readonly store: string;
  readonly k: number;
  readonly quiet: boolean;
}

/** Times the systems of one topic set in full; their cells with times, and how they compare. */
export async function timeTopics(
  systems: readonly MeasuredSystem[],
  loaded: LoadedTopics,
  dataset: string,
  encoder: Encoder | null,
  { kernel, threads, verify }: BackendContext,
  options: TimingOptions,
): Promise<{ readonly cells: readonly Cell[]; readonly ratios: readonly LatencyRatio[] }> {
  const wantsCandidates = systems.some(({ spec }) => spec.label.includes("candidates"));
  const queries = loaded.queries.map(({ id, text }): TimedQuery => {
    return { id, text, ...wantsCandidates ? { candidates: loaded.candidates?.get(id) } : {} };
  });
  const timed = systems.map(({ spec, folder, cell }) => ({
    label: cell.system,
    files: [...filesOf(folder, cell), ...usesEncoder(spec) && encoder ? [encoder.modelFile] : []],
    task: {
      spec: spec.label,
      folder,
      encoder: usesEncoder(spec) ? options.encoder : null,
      kernel: kernel.name,
      threads,
      store: options.store,
      verify,
      k: options.k,
    },
  }));
  const others = wantsCandidates ? [] : loaded.others; // they have none
  const where = { dataset, topics: loaded.topics.name };
  const { results, ratios } = await measureLatency(timed, queries, others, where, options);
  const cells = systems.map(({ cell }, s): Cell => {
    const { latency, memory, perQuery } = results[s];
    return {
      ...cell,
      latency,
      footprint: cell.footprint && { ...cell.footprint, process: memory },
      queries: cell.queries.map((query, q) => {
        return { ...query, search_ms: perQuery[q].search, with_encoding_ms: perQuery[q].withEncoding };
      }),
    };
  });
  return { cells, ratios };
}

function filesOf(folder: string, { footprint }: Cell): string[] {
  return footprint?.files.map(({ name }) => join(folder, name)) ?? [];
}
