import { join } from "node:path";
import { z } from "zod";
import { writeJson } from "../../support/atomic_write.ts";
import { readJson } from "../../support/json.ts";

/** Folders of what `deno task index` writes: the backend's own index, and the passages' texts. */
export const INDEX_FOLDER = "index";
export const TEXTS_FOLDER = "texts";

const NAME = "search.json";

const schema = z.strictObject({
  backend: z.string().describe("SPEC"),
  encoder: z.strictObject({ spec: z.string(), hash: z.string() }).nullable(),
  dataset: z.string(),
});

/** What a search must know of an index. */
export type SearchFile = z.infer<typeof schema>;

/** Writes `search.json`, last of all. */
export function writeSearchFile(folder: string, file: SearchFile): void {
  writeJson(join(folder, NAME), file);
}

/**
 * Reads `search.json`.
 *
 * @throws {LatebenchError} where the folder is not what `deno task index` writes
 */
export function readSearchFile(folder: string): SearchFile {
  return readJson(join(folder, NAME), schema, "an index that deno task index wrote");
}
