import { parseArgs, type ParseArgsConfig } from "node:util";
import type { ExitCode } from "../support/errors.ts";
import { LatebenchError, quote, usageError } from "../support/errors.ts";

/** One word of the command line. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, as help shows it. */
  readonly usage: string;
  /** Commands of its own, named by the first argument. */
  readonly subcommands?: readonly Command[];
  /** Runs the command. Machine-readable output goes to standard output, all else to standard error. */
  run(args: readonly string[]): Promise<ExitCode>;
}

/**
 * Parses a command's arguments.
 *
 * @throws {LatebenchError} exit code 1 for unknown options, missing values, and two values of an option that takes one
 */
export function parseCommandLine<T extends ParseArgsConfig>(args: readonly string[], config: T) {
  try {
    checkRepeated(args, config);
    return parseArgs({ ...config, args: [...args], strict: true });
  } catch (error) {
    if (error instanceof LatebenchError) throw error;
    throw usageError((error as Error).message.split("\n")[0]);
  }
}

/** Of `--run A --run B`, the parser would silently take the last one. */
function checkRepeated(args: readonly string[], config: ParseArgsConfig): void {
  const { tokens } = parseArgs({ ...config, args: [...args], strict: false, tokens: true });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option" || token.value === undefined || config.options?.[token.name]?.multiple) continue;
    if (seen.has(token.name)) throw usageError(`--${token.name} is given twice, and takes one value`);
    seen.add(token.name);
  }
}

/** The largest values of options: far above all use, and below what takes the machine's memory. */
const MOST = {
  threads: 1024,
  concurrency: 1024,
  k: 1_000_000,
  cutoffs: 10_000_000,
  slices: 10_000,
  partitions: 2 ** 24,
  nprobe: 10_000_000,
  "faiss-depth": 10_000_000,
  rounds: 100_000,
  gigabytes: 1024,
  size: 100_000_000,
  batch: 4096,
  port: 65_535,
  depth: 10_000_000,
  max: 10_000_000,
  seed: Number.MAX_SAFE_INTEGER,
};

/** Bound of the options that are not among {@link MOST}. */
const MOST_OTHERS = 2 ** 31 - 1;

/**
 * Reads a whole number from 1 to the option's bound.
 *
 * @throws {LatebenchError} exit code 1
 */
export function positiveNumber(option: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw usageError(`--${option} ${shown(value)}: a whole number from 1 is needed`);
  return bounded(option, value);
}

/** Reads a whole number from 0, as {@link positiveNumber} does. */
export function wholeNumber(option: string, value: string): number {
  if (!/^\d+$/.test(value)) throw usageError(`--${option} ${shown(value)}: a whole number from 0 is needed`);
  return bounded(option, value);
}

/**
 * Reads a number above 0, with or without decimals.
 *
 * @param most the largest that is possible
 * @throws {LatebenchError} exit code 1
 */
export function positiveDecimal(option: string, value: string, most: number): number {
  if (!(Number(value) > 0 && Number(value) <= most)) {
    throw usageError(`--${option} ${shown(value)}: a number above 0, at most ${most}, is needed`);
  }
  return Number(value);
}

function bounded(option: string, value: string): number {
  const most = Object.entries(MOST).find(([name]) => name === option)?.[1] ?? MOST_OTHERS;
  if (Number(value) > most) throw usageError(`--${option} ${shown(value)}: at most ${most} is possible`);
  return Number(value);
}

/**
 * Reads one of several words.
 *
 * @throws {LatebenchError} exit code 1, listing them
 */
export function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw usageError(`--${option} ${shown(value)}: known are ${known.join(", ")}`);
  return found;
}

/** A number as it was given, unless it is endless. */
function shown(value: string): string {
  return value.length > 80 ? quote(value) : value;
}
