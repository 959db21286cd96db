import { join } from "node:path";
import { explainIoError } from "../../support/errors.ts";

/**
 * Makes `target` hold the same files as `source`: by hard links, which cost no space, or by copies where the file system has
 * none. Files of finished artefacts are never changed in place, so sharing them is safe.
 *
 * @param leftOut names of files that are not linked
 */
export function linkFolder(source: string, target: string, leftOut = /^\.|\.partial$/): void {
  try {
    Deno.mkdirSync(target, { recursive: true });
    for (const entry of Deno.readDirSync(source)) {
      const from = join(source, entry.name);
      const to = join(target, entry.name);
      if (entry.isDirectory) linkFolder(from, to, leftOut);
      else if (entry.isFile && !leftOut.test(entry.name)) linkFile(from, to);
    }
  } catch (error) {
    throw explainIoError(error, target);
  }
}

function linkFile(from: string, to: string): void {
  try {
    Deno.linkSync(from, to);
  } catch {
    Deno.copyFileSync(from, to);
  }
}
