import type { Backend } from "./backend.ts";
import { bm25 } from "./bm25/bm25.ts";
import { exhaustive } from "./exhaustive/exhaustive.ts";
import { faissIvfpq } from "./faiss_ivfpq/faiss_ivfpq.ts";
import { fusion } from "./fusion/fusion.ts";
import { muvera } from "./muvera/muvera.ts";
import { plaid } from "./plaid/plaid.ts";
import { rerank } from "./rerank/rerank.ts";

/** All backends. A new one is added here, and the contract tests run it. */
export const BACKENDS: readonly Backend[] = [bm25, exhaustive, faissIvfpq, plaid, muvera, rerank, fusion];
