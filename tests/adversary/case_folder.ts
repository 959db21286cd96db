import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "./case.ts";
import { differences, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { CASE } from "./world.ts";

/** Records of opening and locks of an index: not the index, and nobody's own. */
const RECORDS = /(^|\/)\.(verified\.json|generation-\d+\.lock)$/;
/** A folder for what is made once for a machine, which most commands have by default. */
const STORE = ".latebench";

/** Makes a case's folder anew, and takes down everything that is there before it is tried. */
export function prepareCase(root: string, { prepare }: Case): Snapshot {
  const folder = join(root, CASE);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  prepare?.(folder);
  return takeSnapshot(root, [`${CASE}/${STORE}`]);
}

/** Paths that a case should not have changed, each with what became of it. */
export function leaveCase(root: string, { outputs = [] }: Case, before: Snapshot): string[] {
  const allowed = (path: string) => {
    if (/(^|\/)precious[^/]*$/.test(path)) return false;
    if (RECORDS.test(path)) return true;
    return outputs.some((output) => isBelow(path, join(CASE, output)));
  };
  return differences(before, takeSnapshot(root, [`${CASE}/${STORE}`]))
    .filter(({ path }) => !allowed(path))
    .map(({ path, what }) => `${path} ${what}`);
}

function isBelow(path: string, folder: string): boolean {
  return folder === "." || path === folder || path.startsWith(`${folder}/`);
}
