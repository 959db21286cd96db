import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { checkCollection } from "../../datasets/check_collection.ts";
import type { Dataset, Passage } from "../../datasets/dataset.ts";
import { passageText } from "../../datasets/dataset.ts";
import { fingerprints } from "../../datasets/fingerprints.ts";
import { readJsonlPassages } from "../../datasets/formats/jsonl.ts";
import { readTsvPassages } from "../../datasets/formats/tsv.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const datasetOf = (passages: readonly Passage[]) => ({ name: "d", passages: () => passages }) as unknown as Dataset;

Deno.test("a passage id that occurs twice is found, wherever it is, and nothing else is taken for one", async () => {
  const many = Array.from({ length: 20_000 }, (_, i): Passage => ({ id: `p${i}`, text: "x" }));
  deepStrictEqual(checkCollection(datasetOf(many)), { passages: 20_000, blank: 0 });
  const twice = [...many, { id: "p77", text: "y" }];
  await expectError(() => checkCollection(datasetOf(twice)), 2, 'passage id "p77" twice (passages 78 and 20001)');
  await expectError(() => checkCollection(datasetOf([])), 2, "without passages");
});

Deno.test("fingerprints of ids that look alike differ", () => {
  const prints = fingerprints();
  for (let i = 0; i < 300_000; i++) prints.add(String(i));
  strictEqual(prints.size, 300_000);
  strictEqual(prints.repeated().size, 0);
  prints.add("299999");
  deepStrictEqual([...prints.repeated()], [prints.of("299999")]);
});

Deno.test("a passage without text keeps its place; a title stands for a missing text", () => {
  using folder = temporaryFolder();
  const jsonl = folder.file(
    "c.jsonl",
    '{"_id":"a","title":"Only a title","text":""}\n{"_id":"b","text":" "}\n{"_id":"c","title":"T","text":"t"}\n',
  );
  const tsv = folder.file("c.tsv", "a\t\tOnly a title\nb\t \nc\tt\tT\n");
  for (const passages of [[...readJsonlPassages(jsonl)], [...readTsvPassages(tsv)]]) {
    deepStrictEqual(passages.map(passageText), ["Only a title", " ", "T | t"]);
    deepStrictEqual(checkCollection(datasetOf(passages)), { passages: 3, blank: 1 });
  }
});
