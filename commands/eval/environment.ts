import { cpus, release, totalmem, type } from "node:os";
import type { Results } from "../../eval/results/schema.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { VERSION } from "../../support/version.ts";

/**
 * The machine and program that measure.
 *
 * @param threads threads that encoding and search may use
 */
export async function readEnvironment(threads: number): Promise<Results["environment"]> {
  const processors = cpus();
  return {
    latebench: VERSION,
    commit: await readCommit(),
    deno: Deno.version.deno,
    os: `${type()} ${release()}`,
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memory_bytes: totalmem(),
    threads,
    load_average: Deno.loadavg()[0],
  };
}

async function readCommit(): Promise<string | null> {
  const cwd = fromFileUrl(new URL("../../", import.meta.url));
  const git = async (...args: string[]) => {
    const { success, stdout } = await new Deno.Command("git", { args, cwd, stdout: "piped", stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  };
  try {
    const commit = await git("rev-parse", "--short=12", "HEAD");
    return commit && (await git("status", "--porcelain", "--untracked-files=no")) ? `${commit}+` : commit;
  } catch {
    return null; // no git here
  }
}
