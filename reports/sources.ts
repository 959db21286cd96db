import type { Environment } from "../eval/results/environment_schema.ts";
import type { Results } from "../eval/results/schema.ts";

/** A results file that a report is made of. */
export interface Source {
  /** What tells it from the others: the name of its folder. */
  readonly name: string;
  readonly results: Results;
}

/** A results file alone. */
export function oneSource(results: Results): Source[] {
  return [{ name: "", results }];
}

/** What tells an encoder from others: model, columns, pooling; null where a file has none. */
export function encoderOf({ results: { encoder } }: Source): string | null {
  if (!encoder) return null;
  const { name, dim, pool_factor } = encoder.config;
  return `${name}, ${dim}-d${pool_factor ? `, pool_factor=${pool_factor}` : ""}`;
}

/** What has to be the same for times to be comparable: processor, cores and threads. */
export function machineOf({ cpu, cores, threads }: Environment): string {
  return `${cpu}, ${threads} of ${cores} cores`;
}

/** Whether the times of files compare: all were taken on one machine. */
export function timesCompare(sources: readonly Source[]): boolean {
  return new Set(sources.map(({ results }) => machineOf(results.environment))).size <= 1;
}
