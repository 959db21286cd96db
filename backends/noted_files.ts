import { join } from "node:path";
import { z } from "zod";
import { openHashed, removeIfThere } from "../support/atomic_write.ts";
import { isFile } from "../support/paths.ts";
import { readSealedJson, writeSealedJson } from "../support/sealed_json.ts";
import { sizeOfFile } from "./check_content.ts";
import { type Verification, verifyFiles } from "./vectors/verify.ts";

/** Checksums of files that no other header of their folder knows. */
const NAME = "checksums.json";

const schema = z.strictObject({
  format: z.literal("latebench-checksums"),
  files: z.record(z.string(), z.strictObject({ bytes: z.int().min(0), sha256: z.string() })),
});

type Noted = z.infer<typeof schema>["files"];

/** Files by name, with their sizes and checksums: what `openHashed` tells of them. */
export type WrittenFiles = Noted;

/** Writes a file; what it holds is to be noted with {@link noteFiles}. */
export function writeHashed(folder: string, name: string, pieces: Iterable<Uint8Array>): WrittenFiles[string] {
  using file = openHashed(join(folder, name));
  for (const piece of pieces) file.write(piece);
  return file.commit();
}

/** Notes the checksums of files that were written. */
export function noteFiles(folder: string, written: WrittenFiles): void {
  note(folder, { ...readNotes(folder), ...written });
}

/** Removes a file and what is noted of it. */
export function removeNoted(folder: string, name: string): void {
  removeIfThere(join(folder, name));
  const { [name]: known, ...others } = readNotes(folder);
  if (known) note(folder, others);
}

/**
 * Checks files against what is noted of them; of those that older versions wrote nothing is.
 *
 * @param checks by name; what looks at the contents of a file that is new
 * @throws {LatebenchError} for files that are not those that were written
 */
export function verifyNoted(
  folder: string,
  checks: Readonly<Record<string, () => void>>,
  verification: Verification = {},
): void {
  const notes = readNotes(folder);
  verifyFiles(
    Object.entries(checks).map(([name, check]) => {
      const file = join(folder, name);
      const known = Object.hasOwn(notes, name) ? notes[name] : { bytes: sizeOfFile(file), sha256: null };
      return { file, ...known, check };
    }),
    verification,
  );
}

function readNotes(folder: string): Noted {
  const file = join(folder, NAME);
  return isFile(file) ? readSealedJson(file, schema, "checksums of files").files : {};
}

function note(folder: string, files: Noted): void {
  writeSealedJson(join(folder, NAME), { format: "latebench-checksums", files });
}
