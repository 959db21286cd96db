import { join } from "node:path";
import { z } from "zod";
import { openAtomic, writeAtomic } from "../support/atomic_write.ts";
import { badInput, explainIoError } from "../support/errors.ts";
import { readJson } from "../support/json.ts";
import { readAt } from "../support/read_at.ts";
import { passageNumbers } from "./passage_numbers.ts";
import { type Passage, passageText } from "../datasets/dataset.ts";

/** Passage texts by id, read from disk when they are asked for. */
export interface PassageTexts {
  /** The id of a passage number. */
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

/** Opens what {@link writePassageTexts} wrote. */
export function openPassageTexts(folder: string): PassageTexts {
  try {
    const ids: string[] = readJson(join(folder, "ids.json"), z.array(z.string()), "passage ids");
    const offsets = new Float64Array(Deno.readFileSync(join(folder, "texts.offsets")).buffer);
    const numbersOf = passageNumbers(ids);
    const decoder = new TextDecoder();
    const path = join(folder, "texts.bin");
    const { size } = Deno.statSync(path);
    if (size !== offsets[ids.length]) throw badInput(path, `${size} bytes`, `${offsets[ids.length]} bytes`);
    return {
      id: (number) => ids[number],
      read(wanted) {
        const numbers = numbersOf(wanted);
        using file = Deno.openSync(path, { read: true });
        const texts = Array.from(
          numbers,
          (number) => decoder.decode(readAt(file, offsets[number], offsets[number + 1] - offsets[number])),
        );
        const bytes = numbers.reduce((sum, number) => sum + offsets[number + 1] - offsets[number], 0);
        return { texts, numbers, bytes };
      },
    };
  } catch (error) {
    throw explainIoError(error, folder);
  }
}
