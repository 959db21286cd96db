import { strictEqual } from "node:assert/strict";
import { BACKENDS } from "../../backends/registry.ts";
import { type ContractRun, testBackend } from "./backend_contract.ts";

const LEXICAL = "it scores terms, not vectors";

/** Every backend, at least once. */
const RUNS: readonly ContractRun[] = [
  { spec: "exhaustive", widest: "exhaustive:memory=stream" },
  { spec: "exhaustive:guide=none", widest: "exhaustive:guide=none,memory=stream", kernel: "reference" },
  { spec: "exhaustive:memory=map", widest: "exhaustive:guide=none", kernel: "auto" },
  { spec: "exhaustive:memory=stream", widest: "exhaustive:memory=stream" },
  { spec: "rerank:first=exhaustive", widest: "rerank:first=exhaustive,depth=60" },
  { spec: "rerank:depth=40,first=bm25", widest: "rerank:first=exhaustive,depth=1000" },
  {
    spec: "rerank:first=exhaustive,vectors=text",
    widest: "rerank:first=exhaustive,vectors=text",
    skip: { "refuses an index that another encoder made": "it keeps texts, not vectors" },
  },
  {
    spec: "bm25",
    widest: "bm25",
    skip: {
      "equals exhaustive search at its widest settings": LEXICAL,
      "refuses an index that another encoder made": LEXICAL,
    },
  },
];

Deno.test("every backend runs the contract", () => {
  const tested = new Set(RUNS.map(({ spec }) => spec.split(":")[0]));
  for (const { name } of BACKENDS) strictEqual(tested.has(name), true, `${name} has no contract run`);
});

RUNS.forEach(testBackend);
