import { strictEqual } from "node:assert/strict";
import { BACKENDS } from "../../backends/registry.ts";
import { realFaiss } from "../fixtures/real_faiss.ts";
import { type ContractRun, testBackend } from "./backend_contract.ts";

const LEXICAL = "it scores terms, not vectors";
const BUILTIN = "faiss-ivfpq:engine=builtin,m=4";
const FAISS = "faiss-ivfpq:engine=faiss,m=4";
const WIDE = "nprobe=10000,faiss_depth=100000,depth=0";
const BUILTIN_WIDE = `${BUILTIN},${WIDE}`;
const LOSSY = "it scores decompressed vectors; tests/backends/plaid_test.ts compares with these";
const FUSED = {
  skip: {
    "equals exhaustive search at its widest settings":
      "it mixes rankings; tests/backends/fusion_test.ts has the formulas",
    "re-ranks just the passages that it is given": "ranks among fewer passages are others, and so are its scores",
  },
};
const PLAID = { skip: { "equals exhaustive search at its widest settings": LOSSY } };

/** Every backend, at least once. */
const RUNS: readonly ContractRun[] = [
  { spec: "exhaustive", widest: "exhaustive:memory=stream" },
  { spec: "exhaustive:guide=none", widest: "exhaustive:guide=none,memory=stream", kernel: "reference" },
  { spec: "exhaustive:memory=map", widest: "exhaustive:guide=none", kernel: "auto" },
  { spec: "exhaustive:memory=stream", widest: "exhaustive:memory=stream" },
  { spec: "rerank:first=exhaustive", widest: "rerank:first=exhaustive,depth=60" },
  { spec: "rerank:depth=40,first=bm25", widest: "rerank:first=exhaustive,depth=1000" },
  { spec: "rerank:depth=10,neighbours=4", widest: "rerank:depth=60,neighbours=59" },
  {
    spec: "rerank:depth=5,neighbours=6,adaptive=8",
    widest: "rerank:first=exhaustive,depth=1000,neighbours=3",
    kernel: "auto",
    skip: { "does more work for more query rows or terms": "other passages are the best, near which fewer may be" },
  },
  {
    spec: "rerank:first=exhaustive,vectors=text",
    widest: "rerank:first=exhaustive,vectors=text",
    skip: { "refuses an index that another encoder made": "it keeps texts, not vectors" },
  },
  { spec: "plaid:ncells=2,ndocs=200", widest: "plaid", ...PLAID },
  { spec: "plaid:ncells=2,ndocs=200,nbits=4", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=2,ndocs=200,nbits=1", widest: "plaid", kernel: "reference", ...PLAID },
  { spec: "plaid:ncells=4,ndocs=200,variant=int8,nbits=8", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=4,ndocs=200,variant=int8", widest: "plaid", ...PLAID },
  { spec: "plaid:ncells=3,variant=vanilla", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=3,variant=next-plaid,ndocs=240", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=3,variant=fast-plaid,ndocs=240", widest: "plaid", kernel: "auto", ...PLAID },
  {
    spec: "plaid:ncells=3,variant=warp,nbits=4",
    widest: "plaid",
    kernel: "auto",
    skip: {
      ...PLAID.skip,
      "re-ranks just the passages that it is given": "a search estimates what cells that it does not probe would give",
    },
  },
  { spec: "plaid:ncells=3,variant=emvb,ndocs=240", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=3,pq=4,variant=emvb,ndocs=240", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=2,ndocs=200,pq=8", widest: "plaid", ...PLAID },
  { spec: "plaid:ncells=2,ndocs=200,step=3", widest: "plaid", kernel: "auto", ...PLAID },
  { spec: "plaid:ncells=4,ndocs=200,step=5,variant=int8", widest: "plaid", ...PLAID },
  { spec: `${BUILTIN},nprobe=2`, widest: BUILTIN_WIDE },
  { spec: `${BUILTIN},nprobe=3,faiss_depth=20,partitions=16,sample=0.5`, widest: BUILTIN_WIDE, kernel: "reference" },
  { spec: `${BUILTIN},nprobe=2,slices=2`, widest: `${BUILTIN_WIDE},slices=2`, kernel: "auto" },
  ...realFaiss() ? [{ spec: `${FAISS},nprobe=2,slices=2`, widest: `${FAISS},${WIDE},slices=2` }] : [],
  { spec: "muvera:k_sim=3,d_proj=4,r_reps=4,d_final=64,depth=40", widest: "muvera:k_sim=1,r_reps=1,depth=60" },
  { spec: "muvera:k_sim=2,d_proj=2,r_reps=2,d_final=0,depth=60", widest: "muvera:depth=100", kernel: "auto" },
  { spec: "fusion:second=exhaustive", widest: "fusion", ...FUSED },
  {
    spec: "fusion:method=relative,weight=0.7,second=[plaid:nbits=4,variant=int8],depth=40",
    widest: "fusion",
    ...FUSED,
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
