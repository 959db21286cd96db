import { join } from "node:path";
import type { TargetRules } from "../support/owned_folder.ts";
import { isFile } from "../support/paths.ts";

/** Folders of a bench in the store. Those of an earlier latebench hold indexes, and have no marker. */
export const BENCH_FOLDER: TargetRules = {
  kind: "store entry",
  recognises: (folder) =>
    ["index.json", "plaid.json", "centroids.pt", "centroids.npy"].some((name) => isFile(join(folder, name))),
};
