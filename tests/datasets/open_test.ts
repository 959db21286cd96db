import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { openDataset } from "../../datasets/open.ts";
import { readCarParagraphs, readCarTopics } from "../../datasets/formats/trec_car.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { realDataTest } from "../fixtures/shared_data.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const YAML = SMALL_DATASET["dataset.yaml"];

Deno.test("openDataset() reads a folder with a dataset.yaml", () => {
  using folder = temporaryFolder();
  folder.file("dataset.yaml", YAML);
  folder.file("c.tsv", "a\tone\nb\ttwo\n");
  folder.file("q.tsv", "1\twhy\n");
  folder.file("qrels", "1 0 b 2\n");
  const dataset = openDataset(folder.path);
  deepStrictEqual([...dataset.passages()], [{ id: "a", text: "one" }, { id: "b", text: "two" }]);
  deepStrictEqual(dataset.topics[0].queries(), [{ id: "1", text: "why" }]);
  strictEqual(dataset.topics[0].qrels!().get("1")?.get("b"), 2);
  deepStrictEqual(dataset.bm25, { k1: 0.9, b: 0.4 });
});

Deno.test("the content hash changes with the collection and not with the folder", () => {
  using one = temporaryFolder();
  using two = temporaryFolder();
  for (const folder of [one, two]) {
    folder.file("dataset.yaml", YAML);
    folder.file("c.tsv", "a\tone\n");
  }
  const hash = openDataset(one.path).contentHash();
  strictEqual(openDataset(two.path).contentHash(), hash);
  one.file("c.tsv", "a\tone \n");
  ok(openDataset(one.path).contentHash() !== hash);
});

const BAD_YAML: readonly (readonly [string, string, ...string[]])[] = [
  ["unknown field", YAML.replace("name: mine", "name: mine\ncolour: red"), "colour"],
  ["unknown format", YAML.replace("format: trec }", "format: csv }"), "topics.0.qrels.format"],
  ["no topics", YAML.replace(/topics:[\s\S]*/, "topics: []\n"), "topics"],
  ["broken YAML", "name: [\n", "dataset.yaml:"],
  ["a name that is no file name", YAML.replace("mine", "../mine"), "name"],
];

for (const [name, content, ...parts] of BAD_YAML) {
  Deno.test(`bad dataset.yaml: ${name}`, async () => {
    using folder = temporaryFolder();
    folder.file("dataset.yaml", content);
    await expectError(() => openDataset(folder.path), 2, "dataset.yaml", ...parts);
  });
}

Deno.test("an unknown data set lists the known ones", async () => {
  await expectError(() => openDataset("no-such"), 2, "demo-msmarco", "demo-car");
});

Deno.test("the demo in MS MARCO's form is as large as promised", () => {
  const dataset = openDataset("demo-msmarco");
  const [topics] = dataset.topics;
  const passages = [...dataset.passages()];
  const grades = [...topics.qrels!().values()].map((judged) => [...judged.values()]);
  ok(passages.length >= 500 && new Set(passages.map(({ id }) => id)).size === passages.length);
  ok(topics.queries().length >= 80);
  strictEqual(grades.length, topics.queries().length);
  deepStrictEqual([...new Set(grades.flat())].sort(), [0, 1, 2, 3]);
  ok(grades.every((judged) => judged.filter((grade) => grade > 0).length >= 2));
});

Deno.test("the demo in TREC CAR's form is as large as promised, in both framings", () => {
  const folder = fromFileUrl(new URL("../../datasets/demo/car/", import.meta.url));
  const paragraphs = [...readCarParagraphs(`${folder}paragraphs.v1.cbor`)];
  const topics = readCarTopics(`${folder}outlines.v1.cbor`);
  deepStrictEqual([...readCarParagraphs(`${folder}paragraphs.v2.cbor`)], paragraphs);
  deepStrictEqual(readCarTopics(`${folder}outlines.v2.cbor`), topics);
  ok(paragraphs.length >= 300 && paragraphs.every(({ id }) => /^[0-9a-f]{40}$/.test(id)));
  ok(topics.filter(({ id }) => !id.includes("/")).length >= 25);
  ok(topics.some(({ id }) => id.split("/").length === 3));
});

realDataTest("every supplied data set reads with its published counts", (folder) => {
  const expected: Record<string, [number, Record<string, number>]> = {
    "msmarco-dl19": [32_606, { "trec-dl-2019": 43, "dev-mini": 65 }],
    "trec-car": [5_332, { hierarchical: 2_270 }],
    vaswani: [11_429, { all: 93 }],
    cranfield: [1_400, { all: 225 }],
  };
  for (const [name, [passages, topics]] of Object.entries(expected)) {
    const dataset = openDataset(folder(name));
    strictEqual([...dataset.passages()].length, passages, name);
    deepStrictEqual(Object.fromEntries(dataset.topics.map((t) => [t.name, t.qrels!().size])), topics);
  }
});
