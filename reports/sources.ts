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

/** What has to be the same for times to be comparable: processor, cores and threads. */
export function machineOf({ cpu, cores, threads }: Environment): string {
  return `${cpu}, ${threads} of ${cores} cores`;
}
