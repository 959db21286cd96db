import { benchCommand } from "./commands/bench.ts";
import type { Command } from "./commands/command.ts";
import { dataCommand } from "./commands/data.ts";
import { compareCommand } from "./commands/compare.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evalCommand } from "./commands/eval.ts";
import { indexCommand } from "./commands/index.ts";
import { metricsCommand } from "./commands/metrics.ts";
import { reportCommand } from "./commands/report.ts";
import { searchCommand } from "./commands/search.ts";
import { setupCommand } from "./commands/setup.ts";
import { v1Command } from "./commands/v1.ts";
import { explainFailure, isClosedPipe } from "./support/failures.ts";
import { endCleanly } from "./support/stop.ts";
import { visibleLines, visibleText } from "./support/visible_text.ts";

/** All commands, in the order in which help lists them. */
const COMMANDS: readonly Command[] = [
  evalCommand,
  metricsCommand,
  compareCommand,
  reportCommand,
  indexCommand,
  searchCommand,
  v1Command,
  dataCommand,
  benchCommand,
  setupCommand,
  doctorCommand,
];

/** Characters of an unknown command that are shown. */
const LONGEST_NAME = 80;
/** The option that all commands have. */
const DEBUG = "--debug";
const DEBUG_USAGE = `  ${DEBUG}          where something fails, also print where in the program`;

/**
 * Runs one command line. Whatever fails ends as one line on standard error, with its trace where `--debug` asks for it.
 *
 * @returns the exit code, see `ExitCode`
 */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = withoutDebug(args);
  const top = COMMANDS.find((candidate) => candidate.name === name);
  if (!top) {
    const asked = name === undefined || ["help", "--help", "-h"].includes(name);
    if (!asked) console.error(`latebench: unknown command ${visibleText(name.slice(0, LONGEST_NAME))}`);
    (asked ? console.log : console.error)(help());
    return asked ? 0 : 1;
  }
  const sub = top.subcommands?.find((candidate) => candidate.name === rest[0]);
  const command = sub ?? top;
  if (beforeDashes(rest).includes("--help")) {
    console.log(`deno task ${sub ? `${top.name} ${sub.name}` : top.name} ${command.usage}\n\n${DEBUG_USAGE}`);
    return 0;
  }
  try {
    return await command.run(sub ? rest.slice(1) : rest);
  } catch (error) {
    return reportFailure(error, asksForTrace(args));
  }
}

/** Tells the user of an error; the exit code comes back. */
function reportFailure(error: unknown, trace: boolean): number {
  if (isClosedPipe(error)) return 0;
  const { message, exitCode, unexpected } = explainFailure(error);
  console.error(`latebench: ${message}${unexpected && !trace ? ` (${DEBUG} shows where)` : ""}`);
  if (trace && error instanceof Error) console.error(visibleLines(Deno.inspect(error)));
  return exitCode;
}

function asksForTrace(args: readonly string[]): boolean {
  return beforeDashes(args).includes(DEBUG);
}

function withoutDebug(args: readonly string[]): string[] {
  const own = beforeDashes(args);
  return [...own.filter((arg) => arg !== DEBUG), ...args.slice(own.length)];
}

/** The arguments that may be options: all after `--` are words. */
function beforeDashes(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

function help(): string {
  const lines = COMMANDS.map(({ name, summary }) => `  deno task ${name.padEnd(8)} ${summary}`);
  return `latebench measures late-interaction retrieval\n\n${lines.join("\n")}\n\nEach takes --help and ${DEBUG}.`;
}

/** Keeps control characters of what was read off the terminal, wherever they might get through. */
function guardTerminal(): void {
  const { log, error } = console;
  const shown = (parts: readonly unknown[]) =>
    parts.map((part) => typeof part === "string" ? visibleLines(part) : part);
  console.error = (...parts) => error(...shown(parts));
  if (Deno.stdout.isTerminal()) console.log = (...parts) => log(...shown(parts)); // elsewhere, programs read what is meant
}

/** Runs the command line of this process, and ends it: also where something fails that nobody waits for. */
function runProcess(): void {
  const trace = asksForTrace(Deno.args);
  guardTerminal();
  const fail = (event: { preventDefault(): void }, error: unknown) => {
    event.preventDefault();
    Deno.exit(reportFailure(error, trace));
  };
  addEventListener("unhandledrejection", (event) => fail(event, event.reason));
  addEventListener("error", (event) => fail(event, event.error ?? new Error(event.message)));
  // Nothing is left to wait for, and yet the command has not ended: something that it waits for has died.
  addEventListener(
    "beforeunload",
    (event) => fail(event, new Error("the command waits for something that never comes")),
  );
  endCleanly(() => main(Deno.args)).then(Deno.exit);
}

if (import.meta.main) runProcess();
