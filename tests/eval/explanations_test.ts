import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { explainDifferences, largestDifferences } from "../../eval/explanations.ts";
import { fakeEncoder } from "../fixtures/fake_encoder.ts";
import { fakeResults } from "../fixtures/fake_results.ts";

Deno.test("largest differences: the query with the widest gap first, its best and worst system, and what they found", () => {
  const { cells } = fakeResults();
  cells[1].queries[1].measures["nDCG@10"] = 0.1; // of 0.7, 0.5, 0.25 for q1
  cells[1].queries[1].top = [{ id: "p3", score: 1, grade: null }];
  const [first, second] = largestDifferences(cells);
  deepStrictEqual(first, { query: "q2", systems: ["one", "two"], passages: ["p1", "p2", "p3"] });
  deepStrictEqual(second.systems, ["one", "candidates(x.run)"]);
  deepStrictEqual(largestDifferences(cells.slice(0, 1)), [], "one system differs from none");
});

Deno.test("an explanation has the nearest token for each of the query's, and where it stands", async () => {
  await using encoder = fakeEncoder();
  const difference = { query: "q1", systems: ["a", "b"] as const, passages: ["p1", "gone"] };
  const texts = { queries: new Map([["q1", "red cat"]]), passages: new Map([["p1", "The cat, red."]]) };
  const [{ query_tokens, passages }] = await explainDifferences([difference], texts, encoder);
  deepStrictEqual(query_tokens, ["red", "cat"]);
  strictEqual(passages.length, 1, "texts that are not known are left out");
  const [{ text, matches }] = passages;
  deepStrictEqual(matches.map(({ start, end }) => text.slice(start!, end!)), ["red", "cat"]);
  for (const { product } of matches) ok(Math.abs(product - 1) < 0.01, "unit vectors of the same word");
});
