import { join } from "node:path";
import { z } from "zod";
import { badInput, explainIoError } from "../support/errors.ts";
import { readJson } from "../support/json.ts";
import { openFile } from "../support/open_file.ts";
import { readAt } from "../support/read_at.ts";
import { checkIds, readWhole, sizeOfFile } from "./check_content.ts";
import { idsOrNull, listParts, type Part } from "./living/parts.ts";
import { noteFiles, verifyNoted, writeHashed } from "./noted_files.ts";
import { passageNumbers } from "./passage_numbers.ts";
import type { Verification } from "./vectors/verify.ts";
import { type Passage, passageText } from "../datasets/dataset.ts";

/** Passage texts by id, read from disk when they are asked for. */
export interface PassageTexts {
  /** How many there are, those that are gone included. */
  readonly passages: number;
  /** The id of a passage number that `read` gave. */
  id(number: number): string;
  /**
   * The texts of some passages (each once), in the order of `ids`, their passage numbers, and the bytes that were read.
   *
   * @throws {LatebenchError} for an id that is not there
   */
  read(ids: readonly string[]): { texts: string[]; numbers: Int32Array<ArrayBuffer>; bytes: number };
}

const FILES = { texts: "texts.bin", offsets: "texts.offsets", ids: "ids.json" } as const;

/** Writes `texts.bin` (UTF-8, one text after the other), `texts.offsets` (float64) and `ids.json`. */
export function writePassageTexts(folder: string, passages: Iterable<Passage>): number {
  const ids: string[] = [];
  const offsets = [0];
  const encoder = new TextEncoder();
  const texts = function* () {
    for (const passage of passages) {
      const text = encoder.encode(passageText(passage));
      ids.push(passage.id);
      offsets.push(offsets[offsets.length - 1] + text.length);
      yield text;
    }
  };
  const write = (name: string, pieces: Iterable<Uint8Array>) => ({ [name]: writeHashed(folder, name, pieces) });
  noteFiles(folder, {
    ...write(FILES.texts, texts()), // first: the others are known then
    ...write(FILES.offsets, [new Uint8Array(Float64Array.from(offsets).buffer)]),
    ...write(FILES.ids, [encoder.encode(JSON.stringify(ids))]),
  });
  return ids.length;
}

/** Lists the parts of a folder of texts, in passage order. */
export function listTextParts(folder: string): Part[] {
  return listParts(folder, (own) => {
    const ids = readJson(join(own, FILES.ids), z.array(z.string()), "passage ids");
    return { passages: ids.length, ids: () => ids };
  });
}

/**
 * Opens what {@link writePassageTexts} wrote, and what was added to it.
 *
 * @param listed only these of its parts
 * @throws {LatebenchError} for files that are not those that were written, or do not fit together
 */
export function openPassageTexts(
  folder: string,
  listed?: readonly Part[],
  verification: Verification = {},
): PassageTexts {
  try {
    const parts = (listed ?? listTextParts(folder)).map((part) => ({ ...part, ...openPart(part, verification) }));
    const ids = parts.flatMap(idsOrNull);
    if (parts.length > 1) checkIds(folder, ids);
    const numbersOf = passageNumbers(ids);
    const decoder = new TextDecoder();
    const firsts: number[] = [];
    let passages = 0;
    for (const part of parts) {
      firsts.push(passages);
      passages += part.passages;
    }
    return {
      passages,
      id: (number) => ids[number]!,
      read(wanted) {
        const numbers = numbersOf(wanted);
        const files = new Map<string, Deno.FsFile>();
        let bytes = 0;
        const read = (number: number) => {
          const part = firsts.findLastIndex((first) => first <= number);
          const { path, offsets } = parts[part];
          const file = files.get(path) ?? openFile(path);
          files.set(path, file);
          const [from, until] = [offsets[number - firsts[part]], offsets[number - firsts[part] + 1]];
          bytes += until - from;
          return decoder.decode(readAt(file, from, until - from));
        };
        try {
          return { texts: Array.from(numbers, read), numbers, bytes };
        } finally {
          for (const file of files.values()) file.close();
        }
      },
    };
  } catch (error) {
    throw explainIoError(error, folder);
  }
}

function openPart(
  { folder, passages, ids }: Part,
  verification: Verification,
): { readonly path: string; readonly offsets: Float64Array } {
  verifyNoted(folder, {
    [FILES.texts]: () => {},
    [FILES.offsets]: () => {},
    [FILES.ids]: () => checkIds(join(folder, FILES.ids), ids()),
  }, verification);
  const file = join(folder, FILES.offsets);
  const offsets = new Float64Array(readWhole(file, 8 * (passages + 1)).buffer);
  const wrong = offsets.findIndex((offset, i) => !Number.isSafeInteger(offset) || offset < (offsets[i - 1] ?? 0));
  if (wrong >= 0) throw badInput({ file, byte: 8 * wrong }, `${offsets[wrong]}`, "ascending places of bytes");
  const path = join(folder, FILES.texts);
  const size = sizeOfFile(path);
  if (offsets[0] !== 0 || size !== offsets[passages]) {
    throw badInput(path, `${size} bytes`, `${offsets[passages]} bytes`);
  }
  return { path, offsets };
}
