import { basename } from "node:path";
import { z } from "zod";
import { writeJson } from "../../support/atomic_write.ts";
import { badInput, explainIoError } from "../../support/errors.ts";
import { sha256File } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import { isFile } from "../../support/paths.ts";

const verified = z.record(z.string(), z.object({ bytes: z.number(), modified: z.number() }));

/** A file that an index reads through a memory map, and what it must be. */
export interface ExpectedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Checks that files are those that were written: the length always, and the checksum once. `record` keeps size and time of what
 * was verified, so that opening a large index again reads none of it; a file that was replaced since is read whole. Its name
 * begins with a dot: it is no part of the index.
 *
 * @throws {LatebenchError} for a missing, truncated or changed file
 */
export function verifyFiles(record: string, files: readonly ExpectedFile[]): void {
  const before = isFile(record) ? readJson(record, verified, "sizes and times of verified files") : {};
  const now: z.infer<typeof verified> = {};
  for (const { file, bytes, sha256 } of files) {
    const { size, mtime } = stat(file);
    if (size !== bytes) throw badInput(file, `${size} bytes`, `${bytes} bytes`);
    const name = basename(file);
    now[name] = { bytes, modified: mtime?.getTime() ?? 0 };
    if (before[name]?.bytes === bytes && before[name].modified === now[name].modified) continue;
    if (sha256File(file) !== sha256) {
      throw badInput(file, "another checksum than when it was written", "the bytes that latebench wrote");
    }
  }
  if (JSON.stringify(before) !== JSON.stringify(now)) writeJson(record, now);
}

function stat(file: string): Deno.FileInfo {
  try {
    return Deno.statSync(file);
  } catch (error) {
    throw explainIoError(error, file);
  }
}
