import { fromFileUrl } from "../../support/paths.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What a command line did. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `deno task NAME ARGS` runs, so that tests have the permissions that users have. */
export function taskProcess(task: string, args: readonly string[]) {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const words: string[] = tasks[task].command.split(" ");
  const deno = words.indexOf("deno"); // variables come before it
  const flags = words.slice(deno + 2, words.indexOf("main.ts"));
  return {
    cwd: ROOT,
    env: Object.fromEntries(words.slice(0, deno).map((pair) => pair.split("=")) as [string, string][]),
    args: ["run", "--no-prompt", ...flags, "main.ts", task, ...args],
  };
}

/** Starts `deno task NAME ARGS` in the project's folder. */
export function startCli(task: string, args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  const process = taskProcess(task, args);
  return new Deno.Command(Deno.execPath(), {
    ...process,
    env: { ...process.env, ...env },
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
