import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { BackendQuery, Index } from "../../../backends/backend.ts";
import { describeQuick, timeQuickly } from "../../../eval/latency/quick.ts";
import { startProgress } from "../../../support/progress.ts";

Deno.test("quick: every query is searched once before any is timed, and the result says so", async () => {
  const searched: string[] = [];
  const index = {
    search: (query: BackendQuery) => {
      searched.push(query.id);
      return Promise.resolve({ ids: [], scores: new Float32Array(0), stages: [] });
    },
  } as Partial<Index> as Index;
  const queries = Array.from({ length: 25 }, (_, q): BackendQuery => ({ id: `q${q}`, text: "" }));
  using progress = startProgress("time", queries.length, "queries", { quiet: true });
  const times = await timeQuickly(index, queries, 10, progress);
  const ids = queries.map(({ id }) => id);
  deepStrictEqual(searched, [...ids, ...ids]);
  strictEqual(times.length, 25);
  strictEqual(describeQuick(times, times).warmup_searches, 25);
});
