import { join } from "node:path";
import { z } from "zod";
import { openAtomic, writeAtomic, writeJson } from "../../support/atomic_write.ts";
import { badInput, explainIoError } from "../../support/errors.ts";
import { readJson } from "../../support/json.ts";
import { readLines } from "../../support/lines.ts";
import { sha256, sha256File } from "../../support/hash.ts";
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

const totals = z.object({
  non_empty: z.int(),
  total_terms: z.int(),
  sha256: z.object({ terms: z.string(), postings: z.string(), norms: z.string(), ids: z.string() }),
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
  {
    using file = openAtomic(join(folder, "postings.bin"));
    for (const { term, documentFrequency, bytes } of collector.sorted()) {
      lines.push(`${term}\t${documentFrequency}\t${file.length}\n`);
      file.write(bytes);
    }
    file.commit();
  }
  const contents = {
    terms: new TextEncoder().encode(lines.join("")),
    norms: Uint8Array.from(norms),
    ids: new TextEncoder().encode(JSON.stringify(ids)),
  };
  writeAtomic(join(folder, "terms.tsv"), contents.terms);
  writeAtomic(join(folder, "norms.bin"), contents.norms);
  writeAtomic(join(folder, "ids.json"), contents.ids);
  writeJson(join(folder, "postings.json"), {
    non_empty: nonEmpty,
    total_terms: totalTerms,
    sha256: {
      terms: sha256(contents.terms),
      postings: sha256File(join(folder, "postings.bin")),
      norms: sha256(contents.norms),
      ids: sha256(contents.ids),
    },
  });
  return { passages: ids.length };
}

/**
 * Reads an inverted index into memory.
 *
 * @throws {LatebenchError} where a file is missing or its checksum is wrong
 */
export function readInvertedIndex(folder: string): InvertedIndex {
  const header = readJson(join(folder, "postings.json"), totals, "an index that latebench wrote");
  const sums = header.sha256;
  const postings = readChecked(join(folder, "postings.bin"), sums.postings);
  const norms = readChecked(join(folder, "norms.bin"), sums.norms);
  const ids: string[] = JSON.parse(new TextDecoder().decode(readChecked(join(folder, "ids.json"), sums.ids)));
  const terms = new Map<string, TermEntry>();
  const termsFile = join(folder, "terms.tsv");
  readChecked(termsFile, sums.terms);
  for (const { text } of readLines(termsFile)) {
    const [term, documentFrequency, start] = text.split("\t");
    terms.set(term, { documentFrequency: Number(documentFrequency), start: Number(start) });
  }
  return { ids, norms, postings, terms, nonEmpty: header.non_empty, totalTerms: header.total_terms };
}

function readChecked(path: string, expected: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw explainIoError(error, path);
  }
  if (sha256(bytes) !== expected) {
    throw badInput(path, "another checksum than when it was written", "the file that latebench wrote");
  }
  return bytes;
}
