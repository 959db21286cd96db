import type { Dataset } from "../../datasets/dataset.ts";
import { badInput } from "../../support/errors.ts";

/**
 * Checks that no two results of a run have one name: tables and run files are called by data set, topic set and system. Names that differ
 * in case alone are one name, since they are one file on many systems.
 *
 * @throws {LatebenchError} naming the first that is there twice
 */
export function checkNames(datasets: readonly Dataset[]): void {
  const sets = new Map<string, string>();
  const files = new Map<string, string>();
  for (const { name, topics } of datasets) {
    claim(sets, name, name, "data sets");
    for (const set of topics) claim(files, `${name}.${set.name}`, `${name} / ${set.name}`, "topic sets");
  }
}

function claim(claimed: Map<string, string>, key: string, name: string, what: string): void {
  const known = claimed.get(key.toLowerCase());
  if (known !== undefined) {
    const both = known === name
      ? `two ${what} called ${name}`
      : `${what} ${known} and ${name}, whose files have one name`;
    throw badInput("names", both, `${what} with names of their own`);
  }
  claimed.set(key.toLowerCase(), name);
}
