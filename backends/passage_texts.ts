import { join } from "node:path";
import { z } from "zod";
import { openAtomic, writeAtomic, writeJson } from "../support/atomic_write.ts";
import { badInput, explainIoError } from "../support/errors.ts";
import { readJson } from "../support/json.ts";
import { isFile } from "../support/paths.ts";
import { readAt } from "../support/read_at.ts";
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

const UPDATES = "updates.json";

const updates = z.strictObject({
  parts: z.array(z.string().regex(/^part-\d{6}$/)).describe("folders, in passage order, after the first texts"),
  gone: z.record(z.string(), z.array(z.int())).describe('by folder ("": the first texts), passages that are gone'),
});

/** One set of text files. */
export interface TextPart {
  /** Within the texts' folder; "" for those that were written first. */
  readonly name: string;
  readonly ids: readonly string[];
  /** Numbers, within the part, of passages that are gone. */
  readonly gone: ReadonlySet<number>;
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
export function listTextParts(folder: string): TextPart[] {
  const file = join(folder, UPDATES);
  const { parts, gone } = isFile(file) ? readJson(file, updates, "the updates of texts") : { parts: [], gone: {} };
  return ["", ...parts].map((name) => ({
    name,
    ids: readJson(join(folder, name, "ids.json"), z.array(z.string()), "passage ids"),
    gone: new Set(gone[name]),
  }));
}

/** Says which parts there are, after a change. */
export function writeTextParts(folder: string, parts: readonly Pick<TextPart, "name" | "gone">[]): void {
  const state: z.infer<typeof updates> = {
    parts: parts.slice(1).map(({ name }) => name),
    gone: Object.fromEntries(parts.flatMap(({ name, gone }) => gone.size > 0 ? [[name, [...gone]]] : [])),
  };
  writeJson(join(folder, UPDATES), state);
}

/** Opens what {@link writePassageTexts} wrote, and what was added to it. */
export function openPassageTexts(folder: string): PassageTexts {
  try {
    const parts = listTextParts(folder).map((part) => ({
      ...part,
      ...openPart(join(folder, part.name), part.ids.length),
    }));
    const ids = parts.flatMap(({ ids, gone }) => ids.map((id, i) => gone.has(i) ? null : id));
    const numbersOf = passageNumbers(ids);
    const decoder = new TextDecoder();
    const firsts: number[] = [];
    let passages = 0;
    for (const part of parts) {
      firsts.push(passages);
      passages += part.ids.length;
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

function openPart(folder: string, passages: number): { readonly path: string; readonly offsets: Float64Array } {
  const offsets = new Float64Array(Deno.readFileSync(join(folder, "texts.offsets")).buffer);
  const path = join(folder, "texts.bin");
  const { size } = Deno.statSync(path);
  if (size !== offsets[passages]) throw badInput(path, `${size} bytes`, `${offsets[passages]} bytes`);
  return { path, offsets };
}
