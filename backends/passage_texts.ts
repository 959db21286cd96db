import { join } from "node:path";
import { z } from "zod";
import { openAtomic, writeAtomic } from "../support/atomic_write.ts";
import { badInput, explainIoError } from "../support/errors.ts";
import { readJson } from "../support/json.ts";
import { readAt } from "../support/read_at.ts";
import { idsOrNull, listParts, type Part } from "./living/parts.ts";
import { passageNumbers } from "./passage_numbers.ts";
import { type Passage, passageText } from "../datasets/dataset.ts";

/** Passage texts by id, read from disk when they are asked for. */
export interface PassageTexts {
  /** The id of a passage number that `read` gave. */
  id(number: number): string;
  /**
   * The texts of some passages (each once), in the order of `ids`, their passage numbers, and the bytes that were read.
   *
   * @throws {LatebenchError} for an id that is not there
   */
  read(ids: readonly string[]): { texts: string[]; numbers: Int32Array<ArrayBuffer>; bytes: number };
}

/** Writes `texts.bin` (UTF-8, one text after the other), `texts.offsets` (float64) and `ids.json`. */
export function writePassageTexts(folder: string, passages: Iterable<Passage>): number {
  const ids: string[] = [];
  const offsets = [0];
  const encoder = new TextEncoder();
  {
    using file = openAtomic(join(folder, "texts.bin"));
    for (const passage of passages) {
      ids.push(passage.id);
      file.write(encoder.encode(passageText(passage)));
      offsets.push(file.length);
    }
    file.commit();
  }
  writeAtomic(join(folder, "texts.offsets"), new Uint8Array(Float64Array.from(offsets).buffer));
  writeAtomic(join(folder, "ids.json"), JSON.stringify(ids));
  return ids.length;
}

/** Lists the parts of a folder of texts, in passage order. */
export function listTextParts(folder: string): Part[] {
  return listParts(folder, (own) => {
    const ids = readJson(join(own, "ids.json"), z.array(z.string()), "passage ids");
    return { passages: ids.length, ids: () => ids };
  });
}

/**
 * Opens what {@link writePassageTexts} wrote, and what was added to it.
 *
 * @param listed only these of its parts
 */
export function openPassageTexts(folder: string, listed?: readonly Part[]): PassageTexts {
  try {
    const parts = (listed ?? listTextParts(folder)).map((part) => ({ ...part, ...openPart(part) }));
    const ids = parts.flatMap(idsOrNull);
    const numbersOf = passageNumbers(ids);
    const decoder = new TextDecoder();
    const firsts: number[] = [];
    let passages = 0;
    for (const part of parts) {
      firsts.push(passages);
      passages += part.passages;
    }
    return {
      id: (number) => ids[number]!,
      read(wanted) {
        const numbers = numbersOf(wanted);
        const files = new Map<string, Deno.FsFile>();
        let bytes = 0;
        const read = (number: number) => {
          const part = firsts.findLastIndex((first) => first <= number);
          const { path, offsets } = parts[part];
          const file = files.get(path) ?? Deno.openSync(path, { read: true });
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

function openPart({ folder, passages }: Part): { readonly path: string; readonly offsets: Float64Array } {
  const offsets = new Float64Array(Deno.readFileSync(join(folder, "texts.offsets")).buffer);
  const path = join(folder, "texts.bin");
  const { size } = Deno.statSync(path);
  if (size !== offsets[passages]) throw badInput(path, `${size} bytes`, `${offsets[passages]} bytes`);
  return { path, offsets };
}
