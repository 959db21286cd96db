import { fromFileUrl } from "../../support/paths.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What a command line did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Deno flags of a task, so that tests run with the permissions that users have. */
function taskFlags(task: string): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const words: string[] = tasks[task].command.split(" ");
  return words.slice(2, words.indexOf("main.ts"));
}

/** Starts `deno task NAME ARGS` in the project's folder. */
export function startCli(task: string, args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...taskFlags(task), "main.ts", task, ...args],
    cwd: ROOT,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `deno task NAME ARGS` and waits for its end. */
export async function runCli(
  task: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CliResult> {
  const { code, stdout, stderr } = await startCli(task, args, env).output();
  // Of many processes that start at once, Deno lets some wait, and says so.
  const own = new TextDecoder().decode(stderr).replace(/^.*Blocking.* waiting for file lock on .*\n/gm, "");
  return { code, stdout: new TextDecoder().decode(stdout), stderr: own };
}
