import { basename, join } from "node:path";
import type { Dataset } from "../../../datasets/dataset.ts";
import type { Failure, Results } from "../../../eval/results/schema.ts";
import { formatBytes } from "../../../reports/format.ts";
import { type ExitCode, LatebenchError } from "../../../support/errors.ts";
import { fileNameParts } from "../../../support/file_name.ts";
import { formatSeconds } from "../../../support/progress.ts";
import { type EvalValues, openGiven, parseEvalArguments, prepareDataset, readOptions } from "../arguments.ts";
import { evaluate, type EvaluateOptions } from "../evaluate.ts";
import { lockResults, publishResults } from "../publish_results.ts";
import { checkExpectations, checkGlobs, type RunCell } from "./check_expectations.ts";
import { estimateCells, PASSAGES } from "./estimate.ts";
import { planCells, type PlannedCell } from "./plan.ts";
import { readConfig } from "./read_config.ts";

/**
 * Runs the cells of a configuration, encoder by encoder; one that fails is reported and does not stop the rest.
 *
 * @param args of the command line: they hold against the configuration's own options
 * @returns 3 where an expectation is broken, else 2 where a cell failed, else 0
 */
export async function runConfig(file: string, args: readonly string[]): Promise<ExitCode> {
  const config = readConfig(file);
  const given = new Set(args.map((word) => /^--([^=]+)/.exec(word)?.[1]));
  const own = Object.entries(config.options).filter(([name]) => !given.has(name)).flatMap(([name, value]) => {
    return value === "true" ? [`--${name}`] : value === "false" ? [] : [`--${name}`, value];
  });
  const { values } = parseEvalArguments([...own, ...args]);
  const cells = planCells(config, values.only);
  checkGlobs(file, config.expect, planCells(config));
  const out = values.out ?? join("results", basename(file).replace(/\.ya?ml$/, ""));
  const options: EvaluateOptions = { ...readOptions(values, args), out, keepGoing: true };
  if (values["dry-run"]) return await printEstimates(cells, values, options);

  const run: RunCell[] = [];
  const failures: Failure[] = [];
  const encoders = [...new Set(cells.flatMap(({ encoder }) => encoder ?? []))];
  const groups = encoders.length > 0 ? encoders : [null]; // systems without an encoder join those of the first
  const folders = fileNameParts(groups.map((encoder) => encoder ?? "lexical"));
  for (const [g, encoder] of groups.entries()) {
    const group = cells.filter((cell) => cell.encoder === encoder || (cell.encoder === null && g === 0));
    const folder = groups.length === 1 ? out : join(out, folders.get(encoder ?? "lexical")!);
    using _lock = await lockResults(folder, values.quiet);
    const { results, failed, run: measured } = await runGroup(group, values, {
      ...options,
      encoder: encoder ?? options.encoder,
      out: folder,
    });
    failures.push(...failed, ...results?.failures ?? []);
    run.push(...measured);
    if (results) publishResults(results, folder, values);
  }
  for (const { dataset, system, error } of failures) console.error(`failed: ${dataset}, ${system}: ${error}`);
  const { checked, broken } = checkExpectations(config.expect, run);
  for (const line of broken) console.error(`expectation broken: ${line}`);
  if (config.expect.length > 0) {
    console.error(`${checked} figures compared with what is expected, ${broken.length} broken`);
  }
  return broken.length > 0 ? 3 : failures.length > 0 ? 2 : 0;
}

/** The cells of one encoder, and of none. */
async function runGroup(
  cells: readonly PlannedCell[],
  values: EvalValues,
  options: EvaluateOptions,
): Promise<
  { readonly results: Results | null; readonly failed: readonly Failure[]; readonly run: readonly RunCell[] }
> {
  const failed: Failure[] = [];
  const fail = (some: readonly PlannedCell[], error: unknown) => {
    if (!(error instanceof LatebenchError)) throw error;
    failed.push(...some.map(({ dataset, system }) => ({ dataset, system: system.label, error: error.message })));
  };
  const opened = new Map<string, Dataset>();
  for (const [name, own] of Map.groupBy(cells, ({ dataset }) => dataset)) {
    try {
      opened.set(name, prepareDataset(openGiven(name, values), values));
    } catch (error) {
      fail(own, error);
    }
  }
  const evaluateAll = async (some: readonly PlannedCell[]) => {
    const planned = [...opened].map(([name, dataset]) => {
      return { dataset, systems: some.filter((cell) => cell.dataset === name).map(({ system }) => system) };
    }).filter(({ systems }) => systems.length > 0);
    return planned.length > 0 ? await evaluate(planned, options) : null;
  };
  let results: Results | null = null;
  try {
    results = await evaluateAll(cells);
  } catch (error) {
    const known = cells.filter(({ dataset, encoder }) => opened.has(dataset) && encoder !== null);
    fail(known, error); // the encoder cannot be used; other systems can
    results = known.length < cells.length ? await evaluateAll(cells.filter(({ encoder }) => encoder === null)) : null;
  }
  const run = cells.map((planned): RunCell => {
    const name = opened.get(planned.dataset)?.name;
    const own = results?.cells.filter((cell) => cell.dataset === name && cell.system === planned.system.label) ?? [];
    return { planned, cells: own };
  });
  return { results, failed, run };
}

async function printEstimates(
  cells: readonly PlannedCell[],
  values: EvalValues,
  options: EvaluateOptions,
): Promise<ExitCode> {
  const totals = { seconds: 0, bytes: 0 };
  const open = (dataset: string) => prepareDataset(openGiven(dataset, values), values);
  for await (
    const { cell, encodeSeconds, buildSeconds, searchSeconds, diskBytes } of estimateCells(cells, open, options)
  ) {
    const seconds = encodeSeconds + buildSeconds + searchSeconds;
    totals.seconds += seconds;
    totals.bytes += diskBytes;
    const parts = [["encode", encodeSeconds], ["build", buildSeconds], ["search", searchSeconds]] as const;
    const times = parts.map(([name, time]) => `${name} ${formatSeconds(time)}`).join(", ");
    console.log(`${cell.name}: ${formatSeconds(seconds)} (${times}), ${formatBytes(Math.round(diskBytes))}`);
  }
  console.log(
    `${cells.length} cells: at most about ${formatSeconds(totals.seconds)} and ${
      formatBytes(Math.round(totals.bytes))
    }, ` +
      `in proportion to the first ${PASSAGES} passages of each collection, nothing in the store counted`,
  );
  return 0;
}
