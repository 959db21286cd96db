import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { openDataset } from "../../datasets/open.ts";
import { readBeirQrels, readLotteQrels } from "../../datasets/formats/qrels.ts";
import { readTop1000 } from "../../datasets/formats/runs/top1000.ts";
import { convertNanoBeir } from "../../datasets/nanobeir.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

Deno.test("a folder in BEIR's layout needs no dataset.yaml", () => {
  using folder = temporaryFolder();
  folder.file("corpus.jsonl", '{"_id": "d1", "title": "T", "text": "one", "metadata": {}}\n');
  folder.file("queries.jsonl", '{"_id": "q1", "text": "why"}\n{"_id": "q2", "text": "how"}\n');
  folder.file("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\t2\n");
  folder.file("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq2\td1\t1\n");
  const { topics, passages } = openDataset(folder.path);
  deepStrictEqual(topics.map(({ name }) => name), ["dev", "test"]);
  deepStrictEqual(topics[1].qrels!(), new Map([["q1", new Map([["d1", 2]])]]));
  deepStrictEqual([...passages()], [{ id: "d1", title: "T", text: "one" }]);
});

Deno.test("NanoBEIR's Parquet files become BEIR's layout", async () => {
  using folder = temporaryFolder();
  const fixture = fromFileUrl(new URL("../fixtures/nanobeir", import.meta.url));
  for (const part of ["corpus", "queries", "qrels"]) {
    const name = `${part}/train-00000-of-00001.parquet`;
    folder.file(name, Deno.readFileSync(`${fixture}/${name}`));
  }
  await expectError(() => openDataset(folder.path), 2, "data init");
  await convertNanoBeir(folder.path);
  const { topics, passages } = openDataset(folder.path);
  deepStrictEqual([...passages()], [
    { id: "d1", text: "one passage" },
    { id: "d2", text: "zwei Stücke – ✓" },
    { id: "d3", text: "three" },
  ]);
  deepStrictEqual(topics[0].queries(), [{ id: "q1", text: "first?" }, { id: "q2", text: "second?" }]);
  deepStrictEqual(topics[0].qrels!().get("q1"), new Map([["d1", 1], ["d3", 1]]));

  folder.file("corpus/train-00000-of-00001.parquet", "PAR1 nothing");
  await expectError(() => convertNanoBeir(folder.path), 2, "corpus/train-00000-of-00001.parquet", "Parquet");
  folder.file(
    "corpus/train-00000-of-00001.parquet",
    Deno.readFileSync(`${fixture}/qrels/train-00000-of-00001.parquet`),
  );
  await expectError(() => convertNanoBeir(folder.path), 2, "row 1", "_id");
});

Deno.test("a folder in LoTTE's layout, and one with MS MARCO's names", () => {
  using folder = temporaryFolder();
  folder.file("lotte/collection.tsv", "0\tone\n1\ttwo\n");
  folder.file("lotte/questions.search.tsv", "0\twhy\n");
  folder.file("lotte/qas.search.jsonl", '{"qid": 0, "query": "why", "url": "u", "answer_pids": [1]}\n');
  const lotte = openDataset(`${folder.path}/lotte`);
  deepStrictEqual(lotte.topics.map(({ name, measures }) => [name, measures[0]]), [["search", "Success@5"]]);
  deepStrictEqual(lotte.topics[0].qrels!(), new Map([["0", new Map([["1", 1]])]]));

  folder.file("own/collection.tsv", "0\tone\n");
  for (const split of ["dev.small", "test"]) folder.file(`own/queries.${split}.tsv`, "q\twhy\n");
  folder.file("own/qrels.dev.small.tsv", "q 0 0 1\n");
  folder.file("own/qrels.test.txt", "q 0 0 1\n");
  deepStrictEqual(openDataset(`${folder.path}/own`).topics.map(({ name }) => name), ["dev.small", "test"]);
});

Deno.test("a folder without a layout that is known is an error", async () => {
  using folder = temporaryFolder();
  folder.file("notes.txt", "nothing");
  await expectError(() => openDataset(folder.path), 2, folder.path, "no dataset.yaml");
});

Deno.test("a published data set is read from the data folder, and says what is missing", async () => {
  using folder = temporaryFolder();
  await expectError(
    () => openDataset("msmarco-passage/dev.small", folder.path),
    2,
    "collection.tsv",
    "data fetch msmarco-passage/dev.small",
  );
  folder.file("msmarco-passage/collection.tsv", "0\tone\n");
  folder.file("msmarco-passage/queries.dev.small.tsv", "2\twhy\n");
  folder.file("msmarco-passage/qrels.dev.small.tsv", "2\t0\t0\t1\n");
  const dataset = openDataset("msmarco-passage/dev.small", folder.path);
  strictEqual(dataset.topics[0].candidates, undefined);
  strictEqual(dataset.name, "msmarco-passage-dev.small");
  folder.file("msmarco-passage/top1000.dev", "2\t0\twhy\tone\n");
  const { candidates } = openDataset("msmarco-passage/dev.small", folder.path).topics[0];
  strictEqual(candidates?.ordered, false);
  deepStrictEqual(candidates.read(), new Map([["2", [{ id: "0", score: 0 }]]]));
});

Deno.test("the leaderboard's queries have no judgements", () => {
  using folder = temporaryFolder();
  folder.file("msmarco-passage/collection.tsv", "0\tone\n");
  folder.file("msmarco-passage/queries.eval.small.tsv", "2\twhy\n");
  strictEqual(openDataset("msmarco-passage/eval.small", folder.path).topics[0].qrels, undefined);
});

Deno.test("BEIR's and LoTTE's judgements and the official candidates: faulty rows", async () => {
  using folder = temporaryFolder();
  const beir = folder.file("beir", "query-id\tcorpus-id\tscore\nq1\td1\n");
  await expectError(() => readBeirQrels(beir), 2, `${beir}:2`, "query-id, corpus-id, score");
  const twice = folder.file("twice", "q1\td1\t1\nquery-id\tcorpus-id\tscore\n");
  await expectError(() => readBeirQrels(twice), 2, `${twice}:2`);
  const lotte = folder.file("lotte", '{"qid": 1}\n');
  await expectError(() => readLotteQrels(lotte), 2, `${lotte}:1`, "answer_pids");
  const top = folder.file("top", "1\t2\tq\tp\n1\t2\tq\tp\n");
  await expectError(() => readTop1000(top), 2, `${top}:2`, "twice");
  const short = folder.file("short", "1\t2\tq\n");
  await expectError(() => readTop1000(short), 2, `${short}:1`, "qid, pid, query, passage");
});

Deno.test("Parquet files: titles and grades are kept, and every split is a data set of its own", async () => {
  using folder = temporaryFolder();
  const fixture = fromFileUrl(new URL("../fixtures/parquet_splits", import.meta.url));
  for (const part of ["corpus", "queries", "qrels"]) {
    Deno.mkdirSync(join(folder.path, part));
    for (const { name } of Deno.readDirSync(join(fixture, part))) {
      Deno.copyFileSync(join(fixture, part, name), join(folder.path, part, name));
    }
  }
  const made = await convertNanoBeir(folder.path);
  deepStrictEqual(made.map((path) => path.split("/").at(-1)), ["NanoOne", "NanoTwo"]);
  const [one, two] = made.map((path) => openDataset(path));
  deepStrictEqual([...one.passages()], [{ id: "a", title: "First", text: "one" }, { id: "b", text: "two" }]);
  deepStrictEqual([...one.topics[0].qrels!().get("q")!], [["a", 2], ["b", 0]]);
  deepStrictEqual([...two.passages()], [{ id: "a", text: "three" }]);
  Deno.removeSync(join(folder.path, "qrels", "NanoTwo-00000-of-00001.parquet"));
  await expectError(() => convertNanoBeir(folder.path), 2, "qrels", "NanoOne", "those of corpus: NanoOne, NanoTwo");
});

Deno.test("BEIR's sets whose queries are passages leave a query's own passage out", () => {
  using folder = temporaryFolder();
  for (const name of ["arguana", "NanoQuoraRetrieval", "scifact"]) {
    folder.file(`${name}/corpus.jsonl`, '{"_id":"q","text":"x"}\n{"_id":"b","text":"y"}\n');
    folder.file(`${name}/queries.jsonl`, '{"_id":"q","text":"x"}\n');
    folder.file(`${name}/qrels/test.tsv`, "query-id\tcorpus-id\tscore\nq\tb\t1\n");
  }
  const ignored = (name: string) => openDataset(join(folder.path, name)).topics[0].ignoreIdenticalIds;
  deepStrictEqual(["arguana", "NanoQuoraRetrieval", "scifact"].map(ignored), [true, true, false]);
});
