import { join } from "node:path";
import { z } from "zod";
import { LatebenchError } from "../../support/errors.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { hasOnly } from "../../support/owned_folder.ts";
import { safeName } from "../../support/safe_name.ts";

/**
 * What `deno task index` writes: `search.json`, the backend's own index in `index/`, the passages' texts in `texts/`. Every change
 * makes the two folders anew, under `generation-000001/` and so on, of hard links to all files that stay the same; `search.json`
 * names the generation that holds, and is replaced last. Nobody sees a change that is not whole.
 */
const NAME = "search.json";

const schema = z.strictObject({
  backend: z.string().max(4096).describe("SPEC"),
  encoder: z.strictObject({ spec: z.string(), hash: z.string() }).nullable(),
  dataset: safeName.describe("its name; copies in the store are called after it"),
  generation: z.int().min(0).default(0).describe("0: as it was built"),
});

/** What a search must know of an index. */
export type Manifest = z.infer<typeof schema>;

/** Folders of one state of an index. */
export interface GenerationFolders {
  /** The backend's own index. */
  readonly index: string;
  /** The passages' texts. */
  readonly texts: string;
}

/** Writes `search.json`, last of all. */
export function writeManifest(folder: string, manifest: Manifest): void {
  writeSealedJson(join(folder, NAME), manifest);
}

/**
 * Reads `search.json`.
 *
 * @throws {LatebenchError} where the folder is not what `deno task index` writes
 */
export function readManifest(folder: string): Manifest {
  return readSealedJson(join(folder, NAME), schema, "an index that deno task index wrote");
}

/** All that {@link NAME} stands for: whatever else lies in such a folder is somebody's own. */
export const OWN_NAMES =
  /^(search\.json|index|texts|generation-\d{6,}|\.change\.lock|\.generation-\d+\.lock|\.latebench-.*)$/;

/** Whether a folder without a marker is an index that an earlier latebench wrote, and holds nothing else. */
export function isWrittenIndex(folder: string): boolean {
  try {
    readManifest(folder);
    return hasOnly(folder, OWN_NAMES);
  } catch (error) {
    if (error instanceof LatebenchError) return false;
    throw error;
  }
}

/** Name of the folder of a generation within an index; "" for the first. */
export function generationName(generation: number): string {
  return generation === 0 ? "" : `generation-${String(generation).padStart(6, "0")}`;
}

/** Where a generation's files are. */
export function foldersOf(folder: string, generation: number): GenerationFolders {
  const own = join(folder, generationName(generation));
  return { index: join(own, "index"), texts: join(own, "texts") };
}

/** The file that those who read a generation lock. */
export function lockOf(folder: string, generation: number): string {
  return join(folder, `.generation-${generation}.lock`);
}
