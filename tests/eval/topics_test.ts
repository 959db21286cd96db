import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Qrels, TopicSet } from "../../datasets/dataset.ts";
import { checkIds, loadTopics } from "../../eval/topics.ts";
import { expectError } from "../fixtures/expect.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";

function topicSet(qrels: Qrels, allowMissingPassages = false): TopicSet {
  return {
    name: "topics",
    measures: ["RR@10"],
    queries: () => [{ id: "1", text: "one" }, { id: "2", text: "two" }],
    qrels: () => qrels,
    allowMissingPassages,
  };
}

const dataset = fakeDataset([{ id: "a", text: "x" }]);

Deno.test("only judged queries are loaded, the others are counted", () => {
  const loaded = loadTopics(dataset, topicSet(new Map([["2", new Map([["a", 1]])]])));
  deepStrictEqual([loaded.queries.map(({ id }) => id), loaded.others.length], [["2"], 1]);
});

Deno.test("a judged query that is not among the queries is an error", async () => {
  const qrels = new Map([["3", new Map([["a", 1]])]]);
  await expectError(() => loadTopics(dataset, topicSet(qrels)), 2, "fake/topics", '"3"');
  await expectError(() => loadTopics(dataset, topicSet(new Map())), 2, "no judgements");
});

Deno.test("a relevant passage outside the collection is an error, one judged not relevant is not", async () => {
  const check = (qrels: Qrels, allow = false) => checkIds(dataset, [loadTopics(dataset, topicSet(qrels, allow))]);
  check(new Map([["1", new Map([["a", 2], ["elsewhere", 0]])]]));
  const missing = new Map([["1", new Map([["elsewhere", 1]])]]);
  await expectError(() => check(missing), 2, '"elsewhere"', "not in the collection", "allow_missing_passages");
  strictEqual(check(missing, true).blank, 0);
});
