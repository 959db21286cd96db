import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../support/errors.ts";
import { isFile } from "../support/paths.ts";
import { readSealedJson, writeSealedJson } from "../support/sealed_json.ts";
import type { Footprint, FootprintFile } from "./backend.ts";

const schema = z.strictObject({
  backend: z.string(),
  version: z.int(),
  passages: z.int().min(0),
  bm25: z.strictObject({ k1: z.number().positive(), b: z.number().min(0).max(1) }).optional().describe(
    "what BM25 uses on this data set unless told",
  ),
});

/** What every index folder says of itself in `index.json`, which is written last. */
export type IndexFile = z.infer<typeof schema>;

/** Writes `index.json`. */
export function writeIndexFile(folder: string, index: IndexFile): void {
  writeSealedJson(join(folder, "index.json"), index);
}

/**
 * Reads `index.json`.
 *
 * @throws {LatebenchError} where the folder is no index, not whole, or another backend's
 */
export function readIndexFile(folder: string, backend: string, version: number): IndexFile {
  const file = join(folder, "index.json");
  if (!isFile(file)) throw badInput(folder, "no index.json", `a whole ${backend} index (was its build interrupted?)`);
  const expected = `an index of ${backend} ${version}`;
  const index = readSealedJson(file, schema, expected);
  if (index.backend === backend && index.version === version) return index;
  throw badInput(file, `an index of ${index.backend} ${index.version}`, expected);
}

/**
 * Compares the number of passages in `index.json` with those that an index has.
 *
 * @throws {LatebenchError} where they differ
 */
export function expectPassages(folder: string, said: number, found: number): void {
  if (said !== found) throw badInput(join(folder, "index.json"), `${said} passages`, `${found}, as the index has`);
}

/** Lists the files of an index folder with their sizes, inner folders included. */
export function folderFootprint(folder: string, memoryBytes: number): Footprint {
  return { files: listFiles(folder, "").sort((a, b) => a.name < b.name ? -1 : 1), memoryBytes };
}

function listFiles(folder: string, prefix: string): FootprintFile[] {
  const entries = [...Deno.readDirSync(join(folder, prefix))].filter(({ name }) => !name.startsWith("."));
  const names = entries.map(({ name }) => name);
  return entries.flatMap(({ name, isDirectory }) => {
    const path = prefix ? `${prefix}/${name}` : name;
    if (isDirectory) return listFiles(folder, path);
    return [{ name: path, purpose: purposeOf(name, names), bytes: Deno.statSync(join(folder, path)).size }];
  });
}

/** What files are for, by name; the first that fits. */
const PURPOSES: readonly (readonly [RegExp, FootprintFile["purpose"]])[] = [
  [/\.rows$/, "vectors"],
  [/^(guide|fde)\.(values|scales|bounds)$/, "vectors in int8"],
  [/^centroids\.f(16|32)$/, "centroids"],
  [/^codes\.bin$|\.faiss$/, "codes"],
  [/^residuals\.bin$|^residual_sizes\.bin$|^codebooks\.f32$/, "residuals"],
  [/^lists\.bin$|^list_sizes\.bin$/, "IVF"],
  [/postings|terms|norms/, "postings"],
  [/^shard-\d+\.json$|^ids\.|^lengths\.bin$/, "passage map"],
  [/^neighbours\.bin$/, "neighbours"],
  [/texts/, "texts"],
];

function purposeOf(name: string, beside: readonly string[]): FootprintFile["purpose"] {
  if (name === "norms.bin" && beside.includes("residuals.bin")) return "residuals";
  return PURPOSES.find(([pattern]) => pattern.test(name))?.[1] ?? "settings";
}
