import { shareStore } from "./shared.ts";

/** `run_shared.ts [PROCESSES [ROUNDS]]`: see `shared.ts`. Twelve and twenty unless told otherwise. */
const [processes = "12", rounds = "20"] = Deno.args;
const folder = Deno.makeTempDirSync();
try {
  await shareStore(folder, {
    processes: Number(processes),
    rounds: Number(rounds),
    backends: ["bm25", "exhaustive", "plaid", "faiss-ivfpq:engine=builtin", "rerank:first=bm25"],
    seed: Date.now() % 100_000,
    progress: (round) => console.log(`round ${round + 1} of ${rounds}: ${processes} processes, equal figures`),
  });
} finally {
  Deno.removeSync(folder, { recursive: true });
}
