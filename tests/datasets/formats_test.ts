import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { readJsonlPassages, readJsonlQueries } from "../../datasets/formats/jsonl.ts";
import { readCranfieldQrels, readQrels } from "../../datasets/formats/qrels.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { readSmartPassages, readSmartQueries } from "../../datasets/formats/smart.ts";
import { readSgmlPassages, readSgmlQueries } from "../../datasets/formats/trec_sgml.ts";
import { readTsvPassages, readTsvQueries } from "../../datasets/formats/tsv.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Name, reader, content, and what the message must hold besides the file's name. */
const BAD: readonly (readonly [string, (file: string) => unknown, string, ...string[]])[] = [
  ["TSV collection: one column", (f) => [...readTsvPassages(f)], "1\ta\n2 b\n", ":2", "1 columns", "pid, tab, passage"],
  ["TSV collection: four columns", (f) => [...readTsvPassages(f)], "1\ta\tb\tc\n", ":1", "4 columns"],
  ["TSV collection: empty passage", (f) => [...readTsvPassages(f)], "1\ta\n7\t  \n", ":2", "empty passage", "7"],
  ["TSV collection: empty id", (f) => [...readTsvPassages(f)], "\ta\n", ":1", "empty pid"],
  ["TSV queries: no text", readTsvQueries, "1\twhy\n2\n", ":2", "qid, tab, query"],
  ["JSONL: broken", (f) => [...readJsonlPassages(f)], '{"id":1,"text":"a"}\n{"id":\n', ":2", "one JSON object"],
  ["JSONL: no id", (f) => [...readJsonlPassages(f)], '{"text":"a"}\n', ":1", "id"],
  ["JSONL: empty passage", (f) => [...readJsonlPassages(f)], '{"_id":"x","text":""}\n', ":1", "empty passage"],
  ["SGML: no DOCNO", (f) => [...readSgmlPassages(f)], "<DOC>\ntext\n</DOC>\n", ":1", "DOCNO"],
  ["SGML: no end", (f) => [...readSgmlPassages(f)], "<DOC>\n<DOCNO>1</DOCNO>\n", ":1", "without end"],
  ["SGML: text outside", (f) => [...readSgmlPassages(f)], "hello\n", ":1", "<DOC>"],
  ["SMART: no .I", (f) => [...readSmartPassages(f)], "text\n", ":1", ".I"],
  ["SMART query without text", readSmartQueries, ".I 1\n.W\n.I 2\n.W\nwhy\n", ":1", "without .W"],
  ["qrels: three columns", readQrels, "q 0 d 1\nq 0 e\n", ":2", "grade"],
  ["qrels: broken grade", readQrels, "q 0 d yes\n", ":1", "grade"],
  ["qrels: judged twice", readQrels, "q 0 d 1\nq 0 d 0\n", ":2", "twice"],
  ["Cranfield: unknown code", readCranfieldQrels, "1 184 9\n", ":1", "code"],
  ["TREC run: five columns", (f) => readRun(f, { format: "trec" }), "q Q0 d 1 2.5\n", ":1", "tag"],
  ["TREC run: score NaN", (f) => readRun(f, { format: "trec" }), "q Q0 d 1 NaN t\n", ":1", "finite score"],
  ["TREC run: duplicate", (f) => readRun(f, { format: "trec" }), "q Q0 d 1 2 t\nq Q0 d 2 1 t\n", ":2", "twice"],
  ["MS MARCO run: rank 0", (f) => readRun(f, { format: "msmarco" }), "q\td\t0\n", ":1", "rank from 1"],
];

for (const [name, read, content, ...parts] of BAD) {
  Deno.test(`bad input: ${name}`, async () => {
    using folder = temporaryFolder();
    const file = folder.file("input", content);
    await expectError(() => read(file), 2, `${file}${parts[0]}`, ...parts);
  });
}

Deno.test("TSV keeps quotes, mojibake and blanks as they are, and reads titles", () => {
  using folder = temporaryFolder();
  const file = folder.file("c.tsv", '0\t"a" caf\u00c3\u00a9 \n1\tb\tTitle\n');
  deepStrictEqual([...readTsvPassages(file)], [
    { id: "0", text: '"a" caf\u00c3\u00a9 ' },
    { id: "1", text: "b", title: "Title" },
  ]);
});

Deno.test("JSONL reads BEIR's names and numbers as ids", () => {
  using folder = temporaryFolder();
  const file = folder.file(
    "c.jsonl",
    '{"_id":"x","title":"","text":"a","metadata":{}}\n{"id":7,"text":"b","title":"T"}\n',
  );
  deepStrictEqual([...readJsonlPassages(file)], [{ id: "x", text: "a" }, { id: "7", text: "b", title: "T" }]);
  deepStrictEqual(readJsonlQueries(file)[1], { id: "7", text: "b" });
});

Deno.test("TREC SGML folds white space and drops tags and 'Number:'", () => {
  using folder = temporaryFolder();
  const docs = folder.file("d", "<DOC>\n<DOCNO> A-1 </DOCNO>\n<TEXT>one\n two</TEXT>\n</DOC>\n");
  deepStrictEqual([...readSgmlPassages(docs)], [{ id: "A-1", text: "one two" }]);
  const topics = folder.file("t", "<top>\n<num> Number: 301\n<title> organised crime\n<desc> x\n</top>\n");
  deepStrictEqual(readSgmlQueries(topics), [{ id: "301", text: "organised crime" }]);
});

Deno.test("SMART numbers queries by position where the judgements do", () => {
  using folder = temporaryFolder();
  const file = folder.file("q", ".I 001\n.W\nwhat is\nlift\n.I 004\n.W\ndrag\n");
  deepStrictEqual(readSmartQueries(file, "position"), [{ id: "1", text: "what is lift" }, { id: "2", text: "drag" }]);
  deepStrictEqual(readSmartQueries(file).map(({ id }) => id), ["001", "004"]);
});

Deno.test("Cranfield's codes become grades where more is better", () => {
  using folder = temporaryFolder();
  const qrels = readCranfieldQrels(folder.file("q", "1 10 1\n1 11 4 \n1 12 5\n1 13 -1\n1 10 3\n"));
  deepStrictEqual([...qrels.get("1")!], [["10", 4], ["11", 1], ["12", 0], ["13", 0]]);
});

Deno.test("run files of both forms give the same order", () => {
  using folder = temporaryFolder();
  const trec = folder.file("t", "q Q0 b 1 2.5 x\nq Q0 a 2 1e-3 x\n");
  const msmarco = folder.file("m", "q\tb\t1\nq\ta\t2\n");
  deepStrictEqual(readRun(trec).get("q")!.map(({ id }) => id), readRun(msmarco).get("q")!.map(({ id }) => id));
  strictEqual(readRun(trec).get("q")![1].score, 0.001);
});
