import { temporaryFolder } from "../fixtures/temporary.ts";
import { shareStore } from "../soak/shared.ts";

Deno.test("processes that use one store, results folder and index at once end well, with equal figures", async () => {
  using folder = temporaryFolder();
  await shareStore(folder.path, { processes: 3, rounds: 1, backends: ["bm25", "rerank:first=bm25"], seed: 7 });
});
