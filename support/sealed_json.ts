import { z } from "zod";
import { writeJson } from "./atomic_write.ts";
import { badInput } from "./errors.ts";
import { sha256, stableJson } from "./hash.ts";
import { checkShape, readJson } from "./json.ts";

/** The field that holds the checksum of all others. */
const SEAL = "seal";

/** Writes an object as JSON with a checksum of its own, so that a bit that flips in a header is noticed. */
export function writeSealedJson(path: string, value: object): void {
  writeJson(path, { ...value, [SEAL]: sealOf(value) });
}

/**
 * Reads what {@link writeSealedJson} wrote; a file without a seal, as older versions wrote it, is read as any other.
 *
 * @param schema a strict one: else a seal whose name is damaged would not be missed
 * @throws {LatebenchError} as `readJson` does, and where the seal is not that of the other fields
 */
export function readSealedJson<T extends z.ZodType>(file: string, schema: T, expected: string): z.output<T> {
  const json = readJson(file, z.unknown(), expected);
  if (typeof json !== "object" || json === null || !Object.hasOwn(json, SEAL)) {
    return checkShape(json, schema, file, expected);
  }
  const { [SEAL]: seal, ...value } = json as Readonly<{ [SEAL]: unknown }>;
  if (seal !== sealOf(value)) {
    throw badInput(file, "another checksum than when it was written", expected);
  }
  return checkShape(value, schema, file, expected);
}

function sealOf(value: object): string {
  return sha256(stableJson(value));
}
