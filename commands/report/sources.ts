import { basename, dirname, join, relative } from "node:path";

import { readResults, RESULTS_FILE, resultsFile } from "../../eval/results/read.ts";
import type { Results } from "../../eval/results/schema.ts";
import { type RunStatus, statusSchema } from "../../eval/results/status_schema.ts";
import type { RunningRun } from "../../reports/site/site.ts";
import { oneSource, type Source } from "../../reports/sources.ts";
import { badInput, explainIoError, LatebenchError } from "../../support/errors.ts";
import { readJson } from "../../support/json.ts";
import { isFile, isFolder } from "../../support/paths.ts";
import { isRunning, PARTIAL_FILE, STATUS_FILE } from "../eval/live/files.ts";

/** A status that is older, ms, is of a run that died. */
const DEAD = 15 * 60_000;

/** A clock that is that much ahead, ms, is wrong. */
const AHEAD = 60_000;

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

/** What lies below some folders. */
export interface FoundSources {
  readonly sources: Source[];
  /** Runs that still go on. */
  readonly running: RunningRun[];
  /** For each file that cannot be read, why, in one line. */
  readonly skipped: string[];
}

/**
 * All results below some folders, those of runs that still go on among them; called by their paths. One that is broken, or of another
 * version, hides none of the others.
 *
 * @throws {LatebenchError} where there are none at all
 */
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
    return { ...found, version: JSON.stringify([files, found.running, found.skipped]) };
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
  const skipped: string[] = [];
  const attempt = <T>(file: string, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      const explained = explainIoError(error, file);
      skipped.push(
        explained instanceof LatebenchError ? explained.message : `${file}: ${String(error).split("\n")[0]}`,
      );
      return null;
    }
  };
  for (const folder of folders) {
    if (!isFolder(folder)) throw badInput(folder, "no folder", "one with results below it");
    for (const own of foldersBelow(folder, DEPTH, attempt)) {
      const within = relative(folder, own);
      // Runs of several folders may have one name below theirs.
      const name = folders.length === 1 ? within || basename(own) : join(folder, within);
      const status = attempt(join(own, STATUS_FILE), () => readStatus(own));
      if (status) running.push({ name, status });
      const file = join(own, status ? PARTIAL_FILE : RESULTS_FILE);
      const results = isFile(file) ? attempt(file, () => read(file)) : null;
      if (results) sources.push({ name, results });
    }
  }
  if (sources.length + running.length === 0) {
    if (skipped.length > 0) throw new LatebenchError(skipped[0], 2);
    throw badInput(folders.join(", "), `no ${RESULTS_FILE} below it`, "the results of at least one run");
  }
  return { sources, running, skipped };
}

/** How far the run of a folder is; null where none goes on: it may have died, or its clock may have been wrong. */
function readStatus(folder: string): RunStatus | null {
  const file = join(folder, STATUS_FILE);
  if (!isFile(file) || isRunning(folder) === false) return null;
  const status = readJson(file, statusSchema, "how far a run is");
  const age = Date.now() - Date.parse(status.updated);
  return age < DEAD && age > -AHEAD ? status : null;
}

/** A folder and those below it, in the order of their names. */
function foldersBelow(
  folder: string,
  depth: number,
  attempt: (folder: string, read: () => Deno.DirEntry[]) => Deno.DirEntry[] | null,
): string[] {
  if (depth === 0) return [folder];
  const inner = (attempt(folder, () => [...Deno.readDirSync(folder)]) ?? []).filter(({ isDirectory, name }) =>
    isDirectory && name !== "cells"
  )
    .map(({ name }) => name).sort();
  return [folder, ...inner.flatMap((name) => foldersBelow(join(folder, name), depth - 1, attempt))];
}
