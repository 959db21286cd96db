import { parseArgs, type ParseArgsConfig } from "node:util";
import type { ExitCode } from "../support/errors.ts";
import { LatebenchError, usageError } from "../support/errors.ts";

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

/**
 * Reads a whole number from 1.
 *
 * @throws {LatebenchError} exit code 1
 */
export function positiveNumber(option: string, value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw usageError(`--${option} ${value}: a whole number from 1 is needed`);
  return Number(value);
}

/**
 * Reads one of several words.
 *
 * @throws {LatebenchError} exit code 1, listing them
 */
export function oneOf<T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((word) => word === value);
  if (found === undefined) throw usageError(`--${option} ${value}: known are ${known.join(", ")}`);
  return found;
}
