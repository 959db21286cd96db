import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Index, PassageTrace } from "../../backends/backend.ts";
import type { Run } from "../../datasets/dataset.ts";
import { measureSurvival } from "../../eval/survival.ts";
import type { LoadedTopics } from "../../eval/topics.ts";

/** An index that finds passages with even numbers, and ranks those below 8. */
function evenIndex(): Index {
  return {
    trace: (_query, _k, ids) =>
      Promise.resolve(ids.map((id): PassageTrace => {
        const number = Number(id);
        const even = { name: "even", kept: number % 2 === 0, score: null, cut: null };
        const small = { name: "small", kept: number < 8, score: null, cut: null };
        return { id, rank: null, stages: even.kept ? [even, small] : [even] };
      })),
  } as Partial<Index> as Index;
}

const query = (id: string) => ({ id, text: "x", matrix: { data: new Float32Array(2), rows: 1, dim: 2 } });
const topics = (qrels: Record<string, Record<string, number>>) => {
  return {
    qrels: new Map(Object.entries(qrels).map(([id, grades]) => [id, new Map(Object.entries(grades))])),
  } as unknown as LoadedTopics;
};
const ranking = (...ids: number[]) => ids.map((id, i) => ({ id: String(id), score: -i }));

Deno.test("relevant passages and exhaustive search's best ones are counted after each stage", async () => {
  const loaded = topics({ a: { 1: 1, 2: 2, 4: 0 }, b: { 12: 1 } });
  const exhaustive: Run = new Map([
    ["a", ranking(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)], // ten best: five are even, four of them below 8
    ["b", ranking(2, 3)],
  ]);
  deepStrictEqual(await measureSurvival(evenIndex(), loaded, [query("a"), query("b")], 100, exhaustive), {
    relevant: 3,
    survival: [{ stage: "even", kept: 2 }, { stage: "small", kept: 1 }],
    candidate_recall: [
      { stage: "even", depth: 10, recall: (5 / 10 + 1 / 2) / 2 },
      { stage: "even", depth: 100, recall: (6 / 12 + 1 / 2) / 2 },
      { stage: "small", depth: 10, recall: (4 / 10 + 1 / 2) / 2 },
      { stage: "small", depth: 100, recall: (4 / 12 + 1 / 2) / 2 },
    ],
  });
});

Deno.test("without judgements, without exhaustive search and without stages there is less to tell", async () => {
  const queries = [query("a")];
  const best: Run = new Map([["a", ranking(2)]]);
  const unjudged = await measureSurvival(evenIndex(), topics({}), queries, 10, best);
  deepStrictEqual(unjudged.candidate_recall?.map(({ recall }) => recall), [1, 1]);
  strictEqual(unjudged.survival, null);
  const alone = await measureSurvival(evenIndex(), topics({ a: { 1: 1 } }), queries, 10, null);
  deepStrictEqual([alone.relevant, alone.survival, alone.candidate_recall], [1, [{ stage: "even", kept: 0 }], null]);
  const none = { survival: null, relevant: null, candidate_recall: null };
  deepStrictEqual(await measureSurvival({} as Index, topics({ a: { 1: 1 } }), queries, 10, best), none);
});

Deno.test("a stage that keeps all of exhaustive search's passages has a recall of exactly 1", async () => {
  const even = Array.from({ length: 300 }, (_, i) => 2 * i);
  const queries = ["a", "b", "c"].map(query);
  const best: Run = new Map(queries.map(({ id }, q) => [id, ranking(...even.slice(0, 97 + q))]));
  const found = await measureSurvival(evenIndex(), topics({}), queries, 100, best);
  const shares = found.candidate_recall!.filter(({ stage }) => stage === "even");
  deepStrictEqual(shares.map(({ depth, recall }) => [depth, recall]), [[10, 1], [100, 1]]);
});
