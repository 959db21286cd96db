import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readJsonlPassages, readJsonlQueries } from "../../datasets/formats/jsonl.ts";
import { readBeirQrels, readCranfieldQrels, readLotteQrels, readQrels } from "../../datasets/formats/qrels.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { readSmartPassages, readSmartQueries } from "../../datasets/formats/smart.ts";
import { readSgmlPassages, readSgmlQueries } from "../../datasets/formats/trec_sgml.ts";
import { readTsvPassages, readTsvQueries } from "../../datasets/formats/tsv.ts";
import { evaluateRun } from "../../eval/metrics/evaluate.ts";
import { parseMeasures } from "../../eval/metrics/measure.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Name, reader, content, and what the message must hold besides the file's name. */
const BAD: readonly (readonly [string, (file: string) => unknown, string, ...string[]])[] = [
  ["TSV collection: one column", (f) => [...readTsvPassages(f)], "1\ta\n2 b\n", ":2", "1 columns", "pid, tab, passage"],
  ["TSV collection: four columns", (f) => [...readTsvPassages(f)], "1\ta\tb\tc\n", ":1", "4 columns"],
  ["TSV collection: empty id", (f) => [...readTsvPassages(f)], "\ta\n", ":1", "empty pid"],
  ["TSV queries: no text", readTsvQueries, "1\twhy\n2\n", ":2", "qid, tab, query"],
  ["JSONL: broken", (f) => [...readJsonlPassages(f)], '{"id":1,"text":"a"}\n{"id":\n', ":2", "one JSON object"],
  ["JSONL: no id", (f) => [...readJsonlPassages(f)], '{"text":"a"}\n', ":1", "id"],
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

Deno.test("TREC topics: early tracks' words, signs that begin no tag, entities, and end tags", () => {
  using folder = temporaryFolder();
  const topic = (title: string) =>
    `<top>\n<num> Number: 051\n<dom> Domain: x\n<title> ${title}\n<desc> Description:\ny\n</top>\n`;
  const titleOf = (title: string) => readSgmlQueries(folder.file("t", topic(title)))[0].text;
  const titles = {
    "Topic: Airbus subsidies, 3 < 4 and 5 > 2 AT&amp;T": "Airbus subsidies, 3 < 4 and 5 > 2 AT&T",
    "topic:  R&D, AT&T and &unknown;": "R&D, AT&T and &unknown;",
    "a &lt;b&gt; &#8211; &#x2014; &quot;c&quot; &#0;": 'a <b> \u2013 \u2014 "c" &#0;',
    "&amp;lt; stays": "&lt; stays",
    "The topic: of topics</title>": "The topic: of topics",
    "x <- y <3 z": "x <- y <3 z",
  };
  for (const [title, expected] of Object.entries(titles)) strictEqual(titleOf(title), expected);
});

Deno.test("TREC documents one after the other on a line, and over several, are as many as they are", () => {
  using folder = temporaryFolder();
  const doc = (id: string, text: string) => `<DOC><DOCNO>${id}</DOCNO><TEXT>${text}</TEXT></DOC>`;
  const file = folder.file(
    "d",
    `${doc("D1", "apple fruit")}${doc("D2", "car &amp; engine")} <DOC>\n<DOCNO>D3</DOCNO>\nx</DOC>${
      doc("D4", "5 < 6")
    }\n`,
  );
  deepStrictEqual([...readSgmlPassages(file)].map(({ id, text }) => `${id}: ${text}`), [
    "D1: apple fruit",
    "D2: car & engine",
    "D3: x",
    "D4: 5 < 6",
  ]);
});

Deno.test("a byte order mark is passed over at the start of every text file, plain or packed, and nowhere else", async () => {
  using folder = temporaryFolder();
  const mark = "\ufeff";
  deepStrictEqual([...readTsvPassages(folder.file("c.tsv", `${mark}10\tone\n11\ttwo\n`))].map(({ id }) => id), [
    "10",
    "11",
  ]);
  strictEqual(readJsonlQueries(folder.file("q.jsonl", `${mark}{"_id":"q","text":"x"}\n`))[0].id, "q");
  deepStrictEqual([...readQrels(folder.file("q", `${mark}1 0 a 1\n`)).keys()], ["1"]);
  deepStrictEqual([...readQrels(folder.file("j", `${mark}{"1": {"a": 1}}`)).keys()], ["1"]);
  deepStrictEqual([...readRun(folder.file("r", `${mark}1 Q0 a 1 2.5 t\n`)).keys()], ["1"]);
  const packed = join(folder.path, "p.tsv.gz");
  Deno.writeFileSync(packed, gzipSync(new TextEncoder().encode(`${mark}10\tone\n`)));
  deepStrictEqual([...readTsvPassages(packed)], [{ id: "10", text: "one" }]);
  deepStrictEqual([...readTsvPassages(folder.file("short", ""))], []);
  strictEqual([...readTsvPassages(folder.file("inside", `1\ta${mark}b\n`))][0].text, `a${mark}b`);
  await expectError(() => [...readTsvPassages(folder.file("second", `1\ta\n${mark}2\tb\n`))], 2, "second:2");
});

Deno.test("queries whose judgements are empty stay in the denominator", () => {
  using folder = temporaryFolder();
  const lotte = readLotteQrels(folder.file("qas", '{"qid":1,"answer_pids":[]}\n{"qid":2,"answer_pids":[5]}\n'));
  deepStrictEqual([...lotte].map(([qid, grades]) => [qid, grades.size]), [["1", 0], ["2", 1]]);
  const json = readQrels(folder.file("j", '{"1": {}, "2": {"a": 1}}'));
  deepStrictEqual([...json].map(([qid, grades]) => [qid, grades.size]), [["1", 0], ["2", 1]]);
  const run = new Map([["2", [{ id: "a", score: 1 }]]]);
  strictEqual(evaluateRun(run, json, parseMeasures("RR@10"), "run").mean["RR@10"], 0.5);
});

Deno.test("BEIR's judgements: tabs separate, ids may hold blanks and begin with #", () => {
  using folder = temporaryFolder();
  const file = folder.file("q", "query-id\tcorpus-id\tscore\n#1\tdoc 1\t1\n2\t<dbpedia:A B>\t2\n");
  deepStrictEqual([...readBeirQrels(file)].map(([qid, grades]) => [qid, ...grades.keys()]), [
    ["#1", "doc 1"],
    ["2", "<dbpedia:A B>"],
  ]);
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
