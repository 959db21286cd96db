import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { analyze } from "../../backends/bm25/analyzer.ts";
import { bm25 } from "../../backends/bm25/bm25.ts";
import { readInvertedIndex, writeInvertedIndex } from "../../backends/bm25/inverted_index.ts";
import { byteToLength, lengthToByte } from "../../backends/bm25/lucene_norms.ts";
import { bm25Searcher } from "../../backends/bm25/searcher.ts";
import type { BackendContext, BuildSource } from "../../backends/backend.ts";
import { openDataset } from "../../datasets/open.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { evaluateRun } from "../../eval/metrics/evaluate.ts";
import { parseMeasures } from "../../eval/metrics/measure.ts";
import { expectError } from "../fixtures/expect.ts";
import { realDataTest } from "../fixtures/shared_data.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

Deno.test("analyze() does what Lucene's EnglishAnalyzer does", () => {
  deepStrictEqual(analyze("The runner's shoes were running, quickly!"), ["runner", "shoe", "were", "run", "quickli"]);
  deepStrictEqual(analyze("3.14 is not 1,000 or 2;5 e.g. U.S.A. a:b"), ["3.14", "1,000", "2;5", "e.g", "u.s.a", "a:b"]);
  deepStrictEqual(analyze("it's a_b _ __ O'Neil’s"), ["a_b", "o'neil"]);
  deepStrictEqual(analyze("naïve Café 東京 x"), ["naïve", "café", "東", "京", "x"]);
  deepStrictEqual(analyze("and of the"), []);
  deepStrictEqual(analyze("e\u0301clair co\u00adop q'\u00adq"), ["e\u0301clair", "co\u00adop", "q'\u00adq"]);
  deepStrictEqual(analyze("x".repeat(300)).map((term) => term.length), [255, 45]);
});

Deno.test("words end at Unicode's word boundaries", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "word" });
  // The full stop and the colon are left out: they join letters by default, but not in the segmenter's tailoring.
  const text = fc.string({ unit: fc.constantFrom(..."qZz09 ,;'_-/\n\"é’«½ñß") });
  fc.assert(
    fc.property(text, (value) => {
      const expected = Array.from(segmenter.segment(value)).filter(({ isWordLike }) => isWordLike).map(({ segment }) =>
        segment
      );
      strictEqual(analyze(value).length, expected.filter((word) => /[\p{Alphabetic}\p{Nd}]/u.test(word)).length);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("lengths are kept as Lucene's SmallFloat keeps them", () => {
  for (let length = 0; length < 40; length++) strictEqual(byteToLength(lengthToByte(length)), length);
  // Values of SmallFloat.byte4ToInt(intToByte4(x)).
  deepStrictEqual([40, 41, 55, 56, 57, 100, 1000, 100_000].map((n) => byteToLength(lengthToByte(n))), [
    40,
    40,
    54,
    56,
    56,
    96,
    984,
    98_328,
  ]);
  strictEqual(lengthToByte(2 ** 31 - 1), 255);
});

Deno.test("scores follow Lucene's formula", () => {
  using folder = temporaryFolder();
  const passages = ["fox dog fox", "dog", "fox cat cat cat", ""].map((text, i) => ({
    id: `p${i}`,
    terms: analyze(text),
  }));
  writeInvertedIndex(folder.path, passages);
  const index = readInvertedIndex(folder.path);
  deepStrictEqual([index.nonEmpty, index.totalTerms], [3, 8]);
  const { numbers, scores } = bm25Searcher(index, { k1: 0.9, b: 0.4 }).search("foxes and a dog", 10);
  const idf = Math.log(1 + (3 - 2 + 0.5) / (2 + 0.5)); // both terms are in two of three passages
  const term = (tf: number, length: number) => idf * (1 - 1 / (1 + tf / (0.9 * (1 - 0.4 + 0.4 * length / (8 / 3)))));
  deepStrictEqual([...numbers], [0, 1, 2]);
  [term(2, 3) + term(1, 3), term(1, 1), term(1, 4)].forEach((expected, i) => ok(Math.abs(scores[i] - expected) < 1e-6));
});

Deno.test("a repeated query term counts twice", () => {
  using folder = temporaryFolder();
  writeInvertedIndex(folder.path, [{ id: "x", terms: ["fox"] }, { id: "y", terms: ["dog"] }]);
  const searcher = bm25Searcher(readInvertedIndex(folder.path), { k1: 0.9, b: 0.4 });
  const once = searcher.search("fox", 1).scores[0];
  ok(Math.abs(searcher.search("fox fox", 1).scores[0] - 2 * once) < 1e-6);
});

Deno.test("postings with large gaps and counts survive the disk", () => {
  using folder = temporaryFolder();
  const passages = Array.from({ length: 5000 }, (_, i) => {
    return { id: String(i), terms: i % 4999 === 0 ? Array(20_000).fill("rare") : ["common"] };
  });
  writeInvertedIndex(folder.path, passages);
  const { numbers } = bm25Searcher(readInvertedIndex(folder.path), { k1: 0.9, b: 0.4 }).search("rare", 10);
  deepStrictEqual([...numbers], [0, 4999]);
});

Deno.test("a changed index file is found when the index opens", async () => {
  using folder = temporaryFolder();
  writeInvertedIndex(folder.path, [{ id: "x", terms: ["fox", "dog"] }]);
  folder.file("postings.bin", "xxxx");
  await expectError(() => readInvertedIndex(folder.path), 2, "postings.bin", "checksum");
  folder.file("postings.json", '{"non_empty": 1');
  await expectError(() => readInvertedIndex(folder.path), 2, "postings.json", "broken JSON");
});

realDataTest("BM25 on the 32,606 passages is near Anserini's over all 8.8 million", async (shared) => {
  using folder = temporaryFolder();
  const dataset = openDataset(shared("msmarco-dl19"));
  deepStrictEqual(dataset.bm25, { k1: 0.82, b: 0.68 });
  const context = {} as BackendContext;
  await bm25.build({ dataset } as BuildSource, folder.path, {}, context);
  const [topics] = dataset.topics;
  const supplied = readRun(join(shared("msmarco-dl19"), "bm25.top100.run"));
  await using index = await bm25.open(folder.path, {}, context);
  const run = new Map<string, { id: string; score: number }[]>();
  let shared10 = 0;
  for (const { id, text } of topics.queries()) {
    const { ids, scores } = await index.search({ id, text }, 1000);
    run.set(id, ids.map((passage, i) => ({ id: passage, score: scores[i] })));
    const first = new Set(supplied.get(id)!.slice(0, 10).map((hit) => hit.id));
    shared10 += ids.slice(0, 10).filter((passage) => first.has(passage)).length;
  }
  const { mean } = evaluateRun(run, topics.qrels!(), parseMeasures("nDCG@10"), "run");
  // Term statistics are those of the passages around the topics, so the scores cannot be Anserini's.
  ok(mean["nDCG@10"] > 0.44, `nDCG@10 ${mean["nDCG@10"]}; Anserini's run has 0.5058`);
  ok(shared10 / 430 > 0.65, `${shared10} of 430 passages in common`);
});
