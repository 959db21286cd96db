import { join } from "node:path";
import { z } from "zod";
import { writeJson } from "../../support/atomic_write.ts";
import { sha256File } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import { isFile } from "../../support/paths.ts";
import { innerPath } from "../../support/safe_name.ts";
import type { PublishedFile } from "../catalogue/catalogue.ts";
import type { UnpackedFile } from "./unpack.ts";

const receiptSchema = z.strictObject({
  id: z.string(),
  md5: z.string(),
  members: z.array(z.strictObject({ path: innerPath, bytes: z.int(), sha256: z.string() })),
});

/** What a fetched file became: written when all of it was verified and unpacked. */
export type Receipt = z.infer<typeof receiptSchema>;

/** Where the receipt of a file is. */
function receiptPath(dataDir: string, id: string): string {
  return join(dataDir, ".receipts", `${id.replaceAll("/", "+")}.json`);
}

/** Notes what came out of a file whose checksum was right. */
export function writeReceipt(dataDir: string, { id, md5 }: PublishedFile, members: readonly UnpackedFile[]): void {
  writeJson(receiptPath(dataDir, id), { id, md5, members: [...members] } satisfies Receipt);
}

/** The receipt of a file; null where it was not fetched here, or was another version. */
export function readReceipt(dataDir: string, { id, md5 }: PublishedFile): Receipt | null {
  const path = receiptPath(dataDir, id);
  if (!isFile(path)) return null;
  const receipt = readJson(path, receiptSchema, "a receipt");
  return receipt.md5 === md5 ? receipt : null;
}

/** What is known of a file on this machine. */
export interface FileState {
  /** `absent`: a member is missing; `present`: all are there, their content is not known; `fetched`: there with their right sizes. */
  readonly state: "absent" | "present" | "fetched" | "damaged";
  /** The first member that is missing or wrong. */
  readonly member?: string;
}

/**
 * Looks whether a file's members are there.
 *
 * @param thorough also reads them and compares hashes
 */
export function stateOf(dataDir: string, file: PublishedFile, thorough = false): FileState {
  const folder = join(dataDir, file.folder);
  const receipt = readReceipt(dataDir, file);
  const missing = (receipt?.members.map(({ path }) => path) ?? file.members).find((path) =>
    !isFile(join(folder, path))
  );
  if (missing !== undefined) return { state: "absent", member: missing };
  if (!receipt) return { state: "present" };
  const wrong = receipt.members.find(({ path, bytes, sha256 }) => {
    const member = join(folder, path);
    return Deno.statSync(member).size !== bytes || (thorough && sha256File(member) !== sha256);
  });
  return wrong ? { state: "damaged", member: wrong.path } : { state: "fetched" };
}
