import { join } from "node:path";
import { badInput } from "../../../support/errors.ts";
import { isFile } from "../../../support/paths.ts";
import type { ForeignIndex } from "./foreign_index.ts";
import { openNpyFamily } from "./npy_family.ts";
import { openStanford } from "./stanford.ts";

/** Whether a folder looks like another engine's index. */
export function isForeign(folder: string): boolean {
  return ["centroids.pt", "centroids.npy"].some((name) => isFile(join(folder, name)));
}

/**
 * Opens an index of another engine; which one's, its files tell.
 *
 * @throws {LatebenchError} for a folder that is none, and one whose files are missing or damaged, or do not fit together
 */
export async function openForeign(folder: string): Promise<ForeignIndex> {
  if (isFile(join(folder, "centroids.pt"))) return await openStanford(folder);
  if (isFile(join(folder, "centroids.npy"))) return openNpyFamily(folder);
  throw badInput(folder, "neither centroids.pt nor centroids.npy", "an index of ColBERT, fast-plaid or next-plaid");
}
