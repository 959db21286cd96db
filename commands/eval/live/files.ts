import { join } from "node:path";
import { explainIoError } from "../../../support/errors.ts";

/** Beside results that are not whole yet: how far the run is, and what it has found. */
export const STATUS_FILE = "status.json";
/** Results of the cells that are done. */
export const PARTIAL_FILE = "partial.json";
/** Locked by the runs that go on there. */
const LOCK_FILE = ".latebench-run.lock";

/** Says, until it is disposed of or the process ends, that a run goes on in a folder. Several may. */
export function markRunning(folder: string): Disposable {
  const path = join(folder, LOCK_FILE);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true, create: true });
  } catch (error) {
    throw explainIoError(error, path);
  }
  try {
    file.lockSync(false);
  } catch { /* a file system without locks: the status has a time */ }
  return {
    [Symbol.dispose]() {
      try {
        if (file.tryLockSync(true)) Deno.removeSync(path);
      } catch { /* another run's */ }
      file.close();
    },
  };
}

/** Whether a run goes on in a folder; null where that is not known: an earlier latebench had no lock. */
export function isRunning(folder: string): boolean | null {
  try {
    using file = Deno.openSync(join(folder, LOCK_FILE), { read: true });
    return !file.tryLockSync(true);
  } catch {
    return null;
  }
}
