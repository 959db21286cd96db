import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import { gzipSync } from "fflate";
import { findPassages } from "../../datasets/find_passages.ts";
import { openLineIndex } from "../../datasets/line_index.ts";
import { openLocated } from "../../datasets/open.ts";
import { locateDataset } from "../../datasets/registry.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

function locate(folder: string, file: string, format: "tsv" | "jsonl" | "trec-sgml") {
  const topics = [{ name: "t", queries: { file: "q.tsv", format: "tsv" as const }, measures: ["RR@10"] }];
  return { directory: folder, description: { name: "d", collection: { file, format }, topics } };
}

Deno.test("any passage is found by id, as streaming finds it", () => {
  using folder = temporaryFolder();
  const lines = Array.from(
    { length: 50_000 },
    (_, i) => `p${(i * 7919) % 50_000}\tétude ${i}${i % 3 ? "" : "\ttitle"}`,
  );
  folder.file("c.tsv", lines.join("\n"));
  folder.file("packed.tsv", gzipSync(new TextEncoder().encode("1\tone\n2\ttwo\n")));
  folder.file("c.jsonl", '{"_id": "a/b", "text": "one", "title": "T"}\r\n{"id": 12, "text": "two"}\n');
  folder.file("c.sgml", "<DOC><DOCNO> 1 </DOCNO>one</DOC>\n<DOC><DOCNO> 2 </DOCNO>two</DOC>\n");
  const located = locate(folder.path, "c.tsv", "tsv");
  const all = [...openLocated(located).passages()];
  const wanted = [0, 49_999, 3, 25_000, 4_321].map((i) => all[i]);
  deepStrictEqual(findPassages(located, wanted.map(({ id }) => id), `${folder.path}/index`), wanted);
  deepStrictEqual(findPassages(locate(folder.path, "c.jsonl", "jsonl"), ["12", "a/b"], `${folder.path}/index`), [
    { id: "12", text: "two" },
    { id: "a/b", text: "one", title: "T" },
  ]);
  deepStrictEqual(findPassages(locate(folder.path, "packed.tsv", "tsv"), ["2"], folder.path), [{
    id: "2",
    text: "two",
  }]);
  deepStrictEqual(findPassages(locate(folder.path, "c.sgml", "trec-sgml"), ["2"], folder.path), [
    { id: "2", text: "two" },
  ]);
});

Deno.test("every line of a collection is in its line index, under its id only", () => {
  const { directory, description } = locateDataset("demo-msmarco", "");
  using folder = temporaryFolder();
  const file = `${directory}/${description.collection.file}`;
  using index = openLineIndex(file, `${folder.path}/i`, (line) => line.subarray(0, line.indexOf(9)));
  const ids = Deno.readTextFileSync(file).trimEnd().split("\n").map((line) => line.split("\t")[0]);
  strictEqual(index.lines, ids.length);
  ids.forEach((id, i) => strictEqual(index.find(id).some(({ line }) => line === i + 1), true));
  deepStrictEqual(index.find("no such id"), []);
});

Deno.test("a changed collection gets a new line index", () => {
  using folder = temporaryFolder();
  const located = locate(folder.path, "c.tsv", "tsv");
  folder.file("c.tsv", "1\tone\n2\ttwo\n");
  const before = findPassages(located, ["2"], folder.path);
  folder.file("c.tsv", "2\tanother\n1\tone\n");
  const after = findPassages(located, ["2"], folder.path);
  notStrictEqual(before[0].text, after[0].text);
  strictEqual(after[0].text, "another");
});

Deno.test("what cannot be found, says so", async () => {
  using folder = temporaryFolder();
  folder.file("c.tsv", "1\tone\nbroken\n");
  folder.file("good.tsv", "1\tone\n");
  const find = (file: string, id: string) => () => findPassages(locate(folder.path, file, "tsv"), [id], folder.path);
  await expectError(find("c.tsv", "1"), 2, "c.tsv:2", "no id");
  await expectError(find("good.tsv", "7"), 2, "good.tsv", '"7"');
  await expectError(find("absent.tsv", "7"), 2, "absent.tsv");
});
