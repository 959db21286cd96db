import { join } from "node:path";
import { z } from "zod";
import { openHashed, removeIfThere } from "../../support/atomic_write.ts";
import { badInput, quote } from "../../support/errors.ts";
import { sha256 } from "../../support/hash.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { isFile } from "../../support/paths.ts";
import { readWhole } from "../check_content.ts";
import { countOfBits, hasBit } from "../passage_bits.ts";

/**
 * Files of passages that grow and shrink: those that were written first, in the folder itself; those that were added later, in folders
 * `segment-000001` and so on; bits of passages that are gone, in each part's `deleted.bin`; and `updates.json`, which names all of
 * these. A folder without `updates.json` is as it was written.
 */
const UPDATES = "updates.json";
const DELETED = "deleted.bin";

const updates = z.strictObject({
  format: z.literal("latebench-updates"),
  segments: z.array(z.string().regex(/^segment-\d{6,}$/)).describe("folders, in passage order, after the first files"),
  deleted: z.record(z.string(), z.strictObject({ bytes: z.int(), sha256: z.string(), passages: z.int() }))
    .describe('by folder ("": the first files): what deleted.bin holds'),
});

type Updates = z.infer<typeof updates>;

/** What a set of passage files holds. */
export interface PartFiles {
  /** Passages in the files, those that are gone included. */
  readonly passages: number;
  /** The ids of its passages, those that are gone included. */
  ids(): readonly string[];
}

/** One set of passage files. */
export interface Part extends PartFiles {
  /** Within the folder; "" for the passages that were written first. */
  readonly name: string;
  readonly folder: string;
  /** Bits of passages that are gone, uint32; null where none is. */
  readonly deleted: Uint32Array<ArrayBuffer> | null;
}

/**
 * Lists the parts of a folder in passage order.
 *
 * @param open looks a part's own files over
 * @throws {LatebenchError} for files that are not those that were written
 */
export function listParts<T extends PartFiles>(
  folder: string,
  open: (folder: string, name: string) => T,
): (T & Part)[] {
  const file = join(folder, UPDATES);
  const { segments, deleted }: Pick<Updates, "segments" | "deleted"> = isFile(file)
    ? readSealedJson(file, updates, "the updates of an index")
    : { segments: [], deleted: {} };
  const names = new Set(segments);
  if (names.size < segments.length) throw badInput(file, "a segment twice", "each segment once");
  const stray = Object.keys(deleted).find((name) => name !== "" && !names.has(name));
  if (stray !== undefined) throw badInput(file, `deleted passages of ${quote(stray)}`, "those of its segments");
  return ["", ...segments].map((name) => {
    const own = join(folder, name);
    const part = open(own, name);
    return { ...part, name, folder: own, deleted: readDeleted(own, part.passages, deleted[name]) };
  });
}

/**
 * Marks passages as gone; of the others none must have an id that is added.
 *
 * @throws {LatebenchError} for an id to remove that is not there, and one to add that is
 */
export function markRemoved<T extends Part>(
  parts: readonly T[],
  removed: readonly string[],
  added: readonly string[],
): T[] {
  const going = new Set(removed);
  const coming = new Set(added);
  const marked = parts.map((part) => {
    const { passages, deleted } = part;
    const bits = deleted?.slice() ?? new Uint32Array(Math.ceil(passages / 32));
    let changed = false;
    part.ids().forEach((id, passage) => {
      if (hasBit(bits, passage)) return;
      if (going.delete(id)) {
        bits[passage >> 5] |= 1 << (passage & 31);
        changed = true;
      } else if (coming.has(id)) {
        throw badInput(
          `passage ${quote(id)}`,
          "an id that the index has",
          "a new one (index upsert replaces passages)",
        );
      }
    });
    return changed ? { ...part, deleted: bits } : part;
  });
  for (const id of going) throw badInput(`passage ${quote(id)}`, "no such passage", "one of the index");
  return marked;
}

/** How many passages of a part are there. */
export function livePassages({ passages, deleted }: Pick<Part, "passages" | "deleted">): number {
  return passages - (deleted ? countOfBits(deleted) : 0);
}

/** Of some values, one for each passage of a part, those of passages that are there. */
export function keepLive<T>({ deleted }: Pick<Part, "deleted">, values: ArrayLike<T>): T[] {
  return Array.from(values).filter((_, passage) => !deleted || !hasBit(deleted, passage));
}

/** The ids of a part's passages; null for those that are gone. */
export function idsOrNull({ ids, deleted }: Pick<Part, "ids" | "deleted">): readonly (string | null)[] {
  return deleted ? ids().map((id, passage) => hasBit(deleted, passage) ? null : id) : ids();
}

/** Which passages go, and which come; those that go, go first. */
export interface PassageChange {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/**
 * Changes a folder's parts: passages that go are marked, those that come are written into a part of their own. The last parts that are
 * no more than twice as large as all that follows them are merged with it: there are then about log2 of the total many parts, and nothing is
 * copied more often than that. The first part always stays.
 *
 * @param write writes the new part into its folder: what is left of the parts that are merged, then what comes
 * @returns the parts that there are now
 * @throws {LatebenchError} for an id to remove that is not there, and one to add that is
 */
export async function changeParts<T extends PartFiles>(
  folder: string,
  parts: readonly (T & Part)[],
  { removed, added }: PassageChange,
  write: (own: string, merged: readonly (T & Part)[]) => T | Promise<T>,
): Promise<(T & Part)[]> {
  const marked = markRemoved(parts, removed, added);
  if (added.length === 0) {
    writeParts(folder, marked);
    return marked;
  }
  const kept = marked.slice(0, keptParts(marked, added.length));
  const merged = marked.slice(kept.length);
  const name = nextPart(parts);
  const own = join(folder, name);
  Deno.mkdirSync(own);
  const now = [...kept, { ...await write(own, merged), name, folder: own, deleted: null }];
  writeParts(folder, now);
  for (const part of merged) removeIfThere(part.folder);
  return now;
}

/** Leaves the first part alone, which has been written anew. */
export function dropLaterParts(folder: string, parts: readonly Pick<Part, "folder">[]): void {
  for (const part of parts.slice(1)) removeIfThere(part.folder);
  for (const name of [DELETED, UPDATES]) removeIfThere(join(folder, name));
}

/** Says which parts there are and what is gone of them, after a change. */
function writeParts(
  folder: string,
  parts: readonly Pick<Part, "name" | "folder" | "deleted" | "passages">[],
): void {
  const state: Updates = {
    format: "latebench-updates",
    segments: parts.slice(1).map(({ name }) => name),
    deleted: {},
  };
  for (const part of parts) {
    if (!part.deleted) continue;
    using file = openHashed(join(part.folder, DELETED));
    file.write(new Uint8Array(part.deleted.buffer));
    state.deleted[part.name] = { ...file.commit(), passages: part.passages - livePassages(part) };
  }
  writeSealedJson(join(folder, UPDATES), state);
}

/** Name of the part that comes next. */
function nextPart(parts: readonly Pick<Part, "name">[]): string {
  const last = parts[parts.length - 1].name;
  return `segment-${String(last === "" ? 1 : Number(last.split("-")[1]) + 1).padStart(6, "0")}`;
}

/** How many of some parts stay as they are when another one comes. */
function keptParts(parts: readonly Pick<Part, "passages" | "deleted">[], added: number): number {
  let kept = parts.length;
  for (let after = added; kept > 1; kept--) {
    const own = livePassages(parts[kept - 1]);
    if (own > 2 * after) break;
    after += own;
  }
  return kept;
}

function readDeleted(
  folder: string,
  passages: number,
  expected: Updates["deleted"][string] | undefined,
): Uint32Array<ArrayBuffer> | null {
  if (expected === undefined) return null;
  const file = join(folder, DELETED);
  const bytes = readWhole(file, 4 * Math.ceil(passages / 32));
  if (sha256(bytes) !== expected.sha256) {
    throw badInput(file, "another checksum than when it was written", "the bytes that latebench wrote");
  }
  const bits = new Uint32Array(bytes.buffer);
  const count = countOfBits(bits);
  if (count !== expected.passages) throw badInput(file, `${count} deleted passages`, `${expected.passages}`);
  const beyond = passages % 32 === 0 ? 0 : bits[bits.length - 1] >>> (passages % 32);
  if (beyond !== 0) throw badInput(file, `deleted passages beyond ${passages}`, "bits of passages that there are");
  return bits;
}
