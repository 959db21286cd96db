import { join } from "node:path";
import { z } from "zod";
import { openHashed } from "../../support/atomic_write.ts";
import { badInput, quote } from "../../support/errors.ts";
import { parseJson } from "../../support/json.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { checkIds, readWhole, sizeOfFile } from "../check_content.ts";
import { type Verification, verifyFiles } from "../vectors/verify.ts";
import { lengthToByte } from "./lucene_norms.ts";
import { PostingsCollector } from "./postings_collector.ts";

/**
 * An inverted index on disk (`docs/formats.md`):
 *
 * - `terms.tsv`: term, document frequency and first byte of its postings, sorted by term;
 * - `postings.bin`: per term, pairs of passage number (difference to the one before) and term frequency, as variable-length bytes;
 * - `norms.bin`: one byte a passage, see `lucene_norms.ts`;
 * - `ids.json`: the passage ids;
 * - `postings.json`: totals and checksums.
 */
export interface InvertedIndex {
  readonly ids: readonly string[];
  readonly norms: Uint8Array;
  /** Passages with at least one term (Lucene's docCount). */
  readonly nonEmpty: number;
  /** Terms of all passages, repetitions included (Lucene's sumTotalTermFreq). */
  readonly totalTerms: number;
  readonly terms: ReadonlyMap<string, TermEntry>;
  readonly postings: Uint8Array;
}

/** Where the postings of a term lie. */
export interface TermEntry {
  readonly documentFrequency: number;
  readonly start: number;
}

const FILES = { terms: "terms.tsv", postings: "postings.bin", norms: "norms.bin", ids: "ids.json" } as const;

const NAMES = Object.keys(FILES) as (keyof typeof FILES)[];

const totals = z.strictObject({
  non_empty: z.int().min(0),
  total_terms: z.int().min(0),
  sha256: z.strictObject({ terms: z.string(), postings: z.string(), norms: z.string(), ids: z.string() }),
});

/** Writes an inverted index of analysed passages. */
export function writeInvertedIndex(
  folder: string,
  passages: Iterable<{ readonly id: string; readonly terms: readonly string[] }>,
): { passages: number } {
  const ids: string[] = [];
  const norms: number[] = [];
  const collector = new PostingsCollector();
  let nonEmpty = 0;
  let totalTerms = 0;
  for (const { id, terms } of passages) {
    ids.push(id);
    norms.push(lengthToByte(terms.length));
    collector.add(terms);
    totalTerms += terms.length;
    if (terms.length > 0) nonEmpty++;
  }
  const lines: string[] = [];
  const write = (name: keyof typeof FILES, pieces: Iterable<Uint8Array>) => {
    using file = openHashed(join(folder, FILES[name]));
    for (const piece of pieces) file.write(piece);
    return file.commit().sha256;
  };
  const encoded = function* () {
    let length = 0;
    for (const { term, documentFrequency, bytes } of collector.sorted()) {
      lines.push(`${term}\t${documentFrequency}\t${length}\n`);
      length += bytes.length;
      yield bytes;
    }
  };
  const postings = write("postings", encoded());
  const encoder = new TextEncoder();
  writeSealedJson(join(folder, "postings.json"), {
    non_empty: nonEmpty,
    total_terms: totalTerms,
    sha256: {
      terms: write("terms", [encoder.encode(lines.join(""))]),
      postings,
      norms: write("norms", [Uint8Array.from(norms)]),
      ids: write("ids", [encoder.encode(JSON.stringify(ids))]),
    },
  });
  return { passages: ids.length };
}

/**
 * Reads an inverted index into memory.
 *
 * @throws {LatebenchError} where a file is missing or its checksum is wrong, and where files do not fit together
 */
export function readInvertedIndex(folder: string, verification: Verification = {}): InvertedIndex {
  const path = (name: keyof typeof FILES) => join(folder, FILES[name]);
  const header = readSealedJson(join(folder, "postings.json"), totals, "an index that latebench wrote");
  const contents = Object.fromEntries(
    NAMES.map((name) => [name, readWhole(path(name), sizeOfFile(path(name)))]),
  ) as Record<keyof typeof FILES, Uint8Array<ArrayBuffer>>;
  const { norms, postings } = contents;
  const ids = readIds(path("ids"), contents.ids);
  if (norms.length !== ids.length) throw badInput(path("norms"), `${norms.length} bytes`, `${ids.length} bytes`);
  const { terms, frequencies } = readTerms(path("terms"), contents.terms, ids.length, postings.length);
  const { non_empty: nonEmpty, total_terms: totalTerms } = header;
  if (nonEmpty > ids.length || totalTerms < nonEmpty) {
    const found = `${nonEmpty} passages with ${totalTerms} terms`;
    throw badInput(join(folder, "postings.json"), found, `no more than ${ids.length} passages`);
  }
  const checks = {
    terms: () => {},
    postings: () => checkPostings(path("postings"), postings, frequencies, { passages: ids.length, totalTerms }),
    norms: () => {},
    ids: () => checkIds(path("ids"), ids),
  };
  verifyFiles(
    NAMES.map((name) => {
      const content = contents[name];
      return { file: path(name), bytes: content.length, sha256: header.sha256[name], content, check: checks[name] };
    }),
    verification,
  );
  return { ids, norms, postings, terms, nonEmpty, totalTerms };
}

function readIds(file: string, content: Uint8Array): string[] {
  const expected = "the ids of an index's passages";
  const ids = parseJson(decode(file, content), file, expected);
  if (Array.isArray(ids) && ids.every((id) => typeof id === "string")) return ids;
  throw badInput(file, "something else", expected);
}

function decode(file: string, content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw badInput(file, "invalid UTF-8", "UTF-8 text");
  }
}

/** Reads `terms.tsv`: postings lie one behind the other, and no term is in more passages than there are. */
function readTerms(file: string, content: Uint8Array, passages: number, bytes: number) {
  const terms = new Map<string, TermEntry>();
  const frequencies: number[] = [];
  let end = 0;
  const lines = decode(file, content).split("\n");
  if (lines.pop() !== "") throw badInput(file, "no line end", "one after the last term");
  for (const [i, text] of lines.entries()) {
    const [term, ...numbers] = text.split("\t");
    const [documentFrequency, start] = numbers.map(Number);
    const fits = numbers.length === 2 && Number.isInteger(documentFrequency) && documentFrequency >= 1 &&
      documentFrequency <= passages && Number.isInteger(start) && (terms.size === 0 ? start === 0 : start > end) &&
      start + 2 * documentFrequency <= bytes;
    if (!fits || terms.has(term)) {
      throw badInput({ file, line: i + 1 }, quote(text), "a term, its document frequency and first byte");
    }
    terms.set(term, { documentFrequency, start });
    frequencies.push(documentFrequency);
    end = start;
  }
  return { terms, frequencies };
}

/** Reads all postings: passages ascend, and there is nothing between terms. */
function checkPostings(
  file: string,
  bytes: Uint8Array,
  frequencies: readonly number[],
  { passages, totalTerms }: { readonly passages: number; readonly totalTerms: number },
): void {
  let at = 0;
  let sum = 0;
  const next = () => {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      if (at >= bytes.length || factor > 2 ** 28) throw badInput({ file, byte: at }, "a broken number", "postings");
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  for (const frequency of frequencies) {
    let passage = 0;
    for (let i = 0; i < frequency; i++) {
      const delta = next();
      passage += delta;
      const count = next();
      if (passage >= passages || (i > 0 && delta === 0) || count === 0) {
        throw badInput({ file, byte: at }, `passage ${passage}, ${count} times`, `ascending ones below ${passages}`);
      }
      sum += count;
    }
  }
  if (at !== bytes.length) throw badInput({ file, byte: at }, `${bytes.length - at} more bytes`, "the end");
  if (sum !== totalTerms) throw badInput(file, `${sum} terms`, `${totalTerms}, as postings.json says`);
}
