import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readJsonlPassages, readJsonlQueries } from "../../datasets/formats/jsonl.ts";
import { readBeirQrels, readLotteQrels, readQrels } from "../../datasets/formats/qrels.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { readTop1000 } from "../../datasets/formats/runs/top1000.ts";
import { readTopK } from "../../datasets/formats/runs/topk.ts";
import { readSgmlPassages } from "../../datasets/formats/trec_sgml.ts";
import { readTsvPassages, readTsvQueries } from "../../datasets/formats/tsv.ts";
import { checkColumnId, idFault, idOfJson } from "../../datasets/ids.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const BAD_IDS = [
  "",
  " ",
  "\u3000",
  "a\tb",
  "a\nb",
  "a\rb",
  "\u0000",
  "a\u007f",
  "\u009bA",
  "x\u2028y",
  "\ud800",
  "\ufeff1",
];

Deno.test("ids that are empty, blank, or hold what ends rows are none; all others are", () => {
  for (const id of BAD_IDS) ok(idFault(id), JSON.stringify(id));
  for (const id of ["1", "a b", "enwiki:A%20B/c", "東京", "🙂", "constructor", "-0", "=1+1", "a\u00a0b"]) {
    strictEqual(idFault(id), null, id);
  }
});

Deno.test("columns that blanks separate take no blank of any script", async () => {
  for (const id of ["a b", "a\u00a0b", "a\u3000b"]) await expectError(() => checkColumnId(id, "f"), 2, "f", "blank");
  strictEqual(checkColumnId("a_b", "f"), "a_b");
});

Deno.test("numbers are ids only where every reader has the same", () => {
  deepStrictEqual([7, -1, "7", 2 ** 53, 1.5, null, true, {}].map(idOfJson), [
    "7",
    "-1",
    "7",
    null,
    null,
    null,
    null,
    null,
  ]);
});

/** Name, a file with a bad id in its second line (or item), its reader, and what the message must hold. */
const FILES: readonly (readonly [string, string, (file: string) => unknown, ...string[]])[] = [
  ["TSV passages", "1\tx\n\u0000\ty\n", (file) => [...readTsvPassages(file)], ":2", "U+0000"],
  ["TSV passages, blank", "1\tx\n  \ty\n", (file) => [...readTsvPassages(file)], ":2", "blanks"],
  ["TSV queries", "1\tx\n\u001b[2J\ty\n", readTsvQueries, ":2", "U+001B"],
  ["a byte-order mark", "1\tx\n\ufeff2\tx\n", readTsvQueries, ":2", "U+FEFF"],
  [
    "JSONL passages",
    '{"id":"1","text":"x"}\n{"id":"a\\tb","text":"y"}\n',
    (f) => [...readJsonlPassages(f)],
    ":2",
    "U+0009",
  ],
  ["JSONL queries", '{"id":"1","text":"x"}\n{"_id":"\\ud83d","text":"y"}\n', readJsonlQueries, ":2", "U+D83D"],
  ["JSONL, a number too large", '{"id":12345678901234567890,"text":"x"}\n', readJsonlQueries, ":1", "2^53"],
  ["JSONL, empty", '{"id":"","text":"x"}\n', (file) => [...readJsonlPassages(file)], ":1", "empty id"],
  ["SGML", "<DOC><DOCNO>a\nb</DOCNO>x</DOC>\n", (file) => [...readSgmlPassages(file)], ":1", "U+000A"],
  ["TREC judgements", "1 0 a 1\n1 0 b\u0000c 1\n", readQrels, ":2", "U+0000"],
  ["BEIR judgements", "q\td\t1\nq\ta\u0001\t1\n", readBeirQrels, ":2", "U+0001"],
  [
    "LoTTE answers",
    '{"qid":1,"answer_pids":[1]}\n{"qid":"ab","answer_pids":[]}\n{"qid":1.5,"answer_pids":[]}\n',
    readLotteQrels,
    ":3",
  ],
  ["LoTTE answers, a line end", '{"qid":"a\\nb","answer_pids":[2]}\n', readLotteQrels, ":1", "U+000A"],
  ["JSON judgements", '{"1":{"a":1,"b\\n":1}}', readQrels, "byte", "U+000A"],
  ["a JSON run", '{"1":{"a":1},"\\t":{"b":1}}', readRun, "byte", "U+0009"],
  ["a JSON run, half a pair", '{"\\ud800":{"a":1}}', readRun, "byte"],
  ["a TREC run", "1 Q0 a 1 2 t\n\u0085x Q0 a 1 2 t\n", readRun, ":2", "U+0085"],
  ["MS MARCO's candidates", "1\t2\tq\tp\n1\t\u0000\tq\tp\n", readTop1000, ":2", "U+0000"],
  ["ColBERT v1's candidates", "1\t2\n1\t \n", readTopK, ":2", "blanks"],
];

for (const [name, content, read, ...parts] of FILES) {
  Deno.test(`bad id: ${name}`, async () => {
    using folder = temporaryFolder();
    const file = folder.file("f", content);
    await expectError(() => read(file), 2, file, ...parts);
  });
}

Deno.test("BEIR's judgements keep blanks of ids, since tabs separate them", () => {
  using folder = temporaryFolder();
  const file = folder.file("f", "query-id\tcorpus-id\tscore\nq 1\td 1\t2\n");
  deepStrictEqual(readBeirQrels(file), new Map([["q 1", new Map([["d 1", 2]])]]));
  const blanks = folder.file("g", "query-id corpus-id score\nq d 2\n");
  deepStrictEqual(readBeirQrels(blanks), new Map([["q", new Map([["d", 2]])]]));
});
