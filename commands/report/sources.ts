import { basename, dirname, join, relative } from "node:path";

import { readResults, RESULTS_FILE, resultsFile } from "../../eval/results/read.ts";
import type { Results } from "../../eval/results/schema.ts";
import { type RunStatus, statusSchema } from "../../eval/results/status_schema.ts";
import type { RunningRun } from "../../reports/site/site.ts";
import { oneSource, type Source } from "../../reports/sources.ts";
import { badInput, explainIoError } from "../../support/errors.ts";
import { readJson } from "../../support/json.ts";
import { isFile, isFolder } from "../../support/paths.ts";
import { PARTIAL_FILE, STATUS_FILE } from "../eval/live/files.ts";

/** A status that is older, ms, is of a run that died. */
const DEAD = 15 * 60_000;

/** How deep results lie below a folder at most. */
const DEPTH = 4;

/** Reads results files; of several, each is called by its folder, or by its whole path where two folders have one name. */
export function readSources(given: readonly string[]): Source[] {
  if (given.length === 1) return oneSource(readResults(resultsFile(given[0])));
  const files = given.map(resultsFile);
  const names = files.map((file) => basename(dirname(file)));
  return files.map((file, i) => ({
    name: names.indexOf(names[i]) === names.lastIndexOf(names[i]) ? names[i] : dirname(file),
    results: readResults(file),
  }));
}

/** Results below some folders, and the runs that still go on. */
export interface FoundSources {
  readonly sources: Source[];
  readonly running: RunningRun[];
}

/** All results below some folders, those of runs that still go on among them; called by their paths. */
export function findSources(folders: readonly string[]): FoundSources {
  return collect(folders, readResults);
}

/**
 * The same again and again: a results file is read when it is first met, and when its time, size or number has changed since.
 *
 * @returns a function that looks; its `version` is another one where anything has changed
 */
export function watchSources(folders: readonly string[]): () => FoundSources & { readonly version: string } {
  let known = new Map<string, { readonly state: string; readonly results: Results }>();
  return () => {
    const seen: typeof known = new Map();
    const found = collect(folders, (file) => {
      const state = stateOf(file);
      const before = known.get(file);
      const results = before?.state === state ? before.results : readResults(file);
      seen.set(file, { state, results });
      return results;
    });
    known = seen;
    const files = [...seen].map(([file, { state }]) => [file, state]);
    return { ...found, version: JSON.stringify([files, found.running]) };
  };
}

function stateOf(file: string): string {
  try {
    const { mtime, size, ino } = Deno.statSync(file);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch (error) {
    throw explainIoError(error, file);
  }
}

function collect(folders: readonly string[], read: (file: string) => Results): FoundSources {
  const sources: Source[] = [];
  const running: RunningRun[] = [];
  for (const folder of folders) {
    if (!isFolder(folder)) throw badInput(folder, "no folder", "one with results below it");
    for (const own of foldersBelow(folder, DEPTH)) {
      const within = relative(folder, own);
      // Runs of several folders may have one name below theirs.
      const name = folders.length === 1 ? within || basename(own) : join(folder, within);
      const status = readStatus(join(own, STATUS_FILE));
      if (status) running.push({ name, status });
      const file = join(own, status ? PARTIAL_FILE : RESULTS_FILE);
      if (isFile(file)) sources.push({ name, results: read(file) });
    }
  }
  if (sources.length + running.length === 0) {
    throw badInput(folders.join(", "), `no ${RESULTS_FILE} below it`, "the results of at least one run");
  }
  return { sources, running };
}

function readStatus(file: string): RunStatus | null {
  if (!isFile(file)) return null;
  const status = readJson(file, statusSchema, "how far a run is");
  return Date.now() - Date.parse(status.updated) < DEAD ? status : null;
}

/** A folder and those below it, in the order of their names. */
function foldersBelow(folder: string, depth: number): string[] {
  if (depth === 0) return [folder];
  const inner = [...Deno.readDirSync(folder)].filter(({ isDirectory, name }) => isDirectory && name !== "cells")
    .map(({ name }) => name).sort();
  return [folder, ...inner.flatMap((name) => foldersBelow(join(folder, name), depth - 1))];
}
