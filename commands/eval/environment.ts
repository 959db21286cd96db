import type { Environment } from "../../eval/results/environment_schema.ts";
import { sha256File } from "../../support/hash.ts";
import { machineTime, processorTime } from "../../support/machine/process.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { VERSION } from "../../support/version.ts";
import { readMachine } from "./machine.ts";

const ROOT = new URL("../../", import.meta.url);

/** Share of the processors' time that others may take before a run is marked. */
const BUSY = 0.05;

/** The machine and program that measure, looked at when a run begins and when it ends. */
export interface EnvironmentWatch {
  /** @param versions of what was used, beside Deno's own */
  finish(versions: Readonly<Record<string, string>>): Environment;
}

/**
 * Begins to watch the machine.
 *
 * @param threads threads that encoding and search may use
 */
export async function watchEnvironment(threads: number): Promise<EnvironmentWatch> {
  const machine = readMachine();
  const commit = await readCommit();
  const started = new Date().toISOString();
  const [loadBefore] = Deno.loadavg();
  const before = machineTime();
  const ownBefore = processorTime(Deno.pid);
  return {
    finish(versions) {
      const after = machineTime();
      const own = processorTime(Deno.pid);
      const known = before && after && own !== null && ownBefore !== null && after.total > before.total;
      const total = known ? after.total - before.total : 1;
      const others = known ? Math.max(0, after.busy - before.busy - (own - ownBefore)) / total : null;
      const stolen = known ? (after.stolen - before.stolen) / total : null;
      return {
        latebench: VERSION,
        commit,
        lock_hash: sha256File(fromFileUrl(new URL("deno.lock", ROOT))),
        versions: { deno: Deno.version.deno, v8: Deno.version.v8, ...versions },
        ...machine,
        threads,
        started,
        load_average: loadBefore,
        load_average_after: Deno.loadavg()[0],
        others_share: others,
        stolen_share: stolen,
        busy: others === null || stolen === null ? null : others + stolen > BUSY,
      };
    },
  };
}

async function readCommit(): Promise<string | null> {
  const git = async (...args: string[]) => {
    const command = new Deno.Command("git", { args, cwd: fromFileUrl(ROOT), stdout: "piped", stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  };
  try {
    const commit = await git("rev-parse", "--short=12", "HEAD");
    return commit && (await git("status", "--porcelain", "--untracked-files=no")) ? `${commit}+` : commit;
  } catch {
    return null; // no git here
  }
}
