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
import { LatebenchError } from "./support/errors.ts";

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

/**
 * Runs one command line.
 *
 * @returns the exit code, see `ExitCode`
 */
export async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const top = COMMANDS.find((candidate) => candidate.name === name);
  if (!top) {
    const asked = name === undefined || ["help", "--help", "-h"].includes(name);
    if (!asked) console.error(`latebench: unknown command ${name}`);
    (asked ? console.log : console.error)(help());
    return asked ? 0 : 1;
  }
  const sub = top.subcommands?.find((candidate) => candidate.name === rest[0]);
  const command = sub ?? top;
  if (rest.includes("--help")) {
    console.log(`deno task ${sub ? `${top.name} ${sub.name}` : top.name} ${command.usage}`);
    return 0;
  }
  try {
    return await command.run(sub ? rest.slice(1) : rest);
  } catch (error) {
    if (!(error instanceof LatebenchError)) throw error;
    console.error(`latebench: ${error.message}`);
    return error.exitCode;
  }
}

function help(): string {
  const lines = COMMANDS.map(({ name, summary }) => `  deno task ${name.padEnd(8)} ${summary}`);
  return `latebench measures late-interaction retrieval\n\n${lines.join("\n")}\n\nEach takes --help.`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
