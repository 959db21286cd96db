import { parseSpec } from "../../backends/spec.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { positiveNumber } from "../../commands/command.ts";
import { parseFullOptions } from "../../commands/eval/latency/parse_options.ts";
import { readConfig } from "../../commands/eval/config/read_config.ts";
import { strictEqual } from "node:assert/strict";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Numbers of options that would take memory or time before anything is made. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  muvera: ["k_sim", "d_proj", "r_reps", "d_final", "depth"],
  "faiss-ivfpq": ["partitions", "m", "slices", "nprobe", "faiss_depth", "depth"],
  plaid: ["pq", "step", "partitions", "kmeans_niters", "points_per_centroid", "ncells", "ndocs", "t_prime"],
  rerank: ["depth", "neighbours", "adaptive"],
  fusion: ["rank_constant", "depth"],
  bm25: ["k1"],
};

Deno.test("every number of a backend's options has an upper bound", async () => {
  for (const [backend, names] of Object.entries(OPTIONS)) {
    for (const name of names) {
      for (const value of ["100000000000", "1e300", "Infinity", "NaN"]) {
        await expectError(
          () => parseSpec(`${backend}:${name}=${value}`, BACKENDS),
          1,
          `${backend}:${name}=${value}`,
          name,
        );
      }
    }
  }
  await expectError(() => parseSpec("muvera:k_sim=10,d_proj=1024,r_reps=1000", BACKENDS), 1, "dimensions");
});

Deno.test("every number of the command line has an upper bound", async () => {
  for (
    const option of ["threads", "k", "rounds", "gigabytes", "size", "batch", "sample", "port", "unknown", "constructor"]
  ) {
    await expectError(() => positiveNumber(option, "99999999999999999999"), 1, `--${option}`, "at most");
    await expectError(() => positiveNumber(option, "9".repeat(400)), 1, `--${option}`, "at most");
    strictEqual(positiveNumber(option, "7"), 7);
  }
  const latency = { precision: "0.05", "max-time": "60" };
  for (const wrong of [{ "max-time": "1e300" }, { rate: "1e12" }, { concurrency: "1000000" }]) {
    await expectError(
      () => parseFullOptions({ ...latency, ...wrong }, 1, 1),
      1,
      `--${Object.keys(wrong)[0]}`,
      "at most",
    );
  }
});

Deno.test("the cells of a grid are counted before they are made", async () => {
  using folder = temporaryFolder();
  const values = JSON.stringify(Array.from({ length: 100 }, (_, i) => i + 1));
  const grid = ["ncells", "ndocs", "t_prime", "partitions", "seed"].map((key) => `      ${key}: ${values}`).join("\n");
  const file = folder.file(
    "grid.yaml",
    `datasets: [demo-msmarco]\nbackends:\n  - backend: plaid\n    grid:\n${grid}\n`,
  );
  await expectError(() => readConfig(file), 2, file, "10000000000 cells", "at most 10000");
});
