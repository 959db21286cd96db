import { parseSpec } from "../../backends/spec.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { type Command, positiveDecimal, positiveNumber, wholeNumber } from "../../commands/command.ts";
import { compareCommand } from "../../commands/compare.ts";
import { metricsCommand } from "../../commands/metrics.ts";
import { v1Command } from "../../commands/v1.ts";
import { parseEncoderSpec } from "../../encoders/spec.ts";
import { parseMeasure, parseMeasures } from "../../eval/metrics/measure.ts";
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

Deno.test("seeds and thresholds of backends have bounds", async () => {
  const specs = ["plaid:seed", "muvera:seed", "faiss-ivfpq:seed", "plaid:centroid_score_threshold"];
  for (const option of [...specs, "plaid:variant=emvb,term_threshold"]) {
    for (const value of ["1e300", "-1e300", "Infinity", "NaN", "99999999999999999999"]) {
      await expectError(() => parseSpec(`${option}=${value}`, BACKENDS), 1, option.split(/[:,]/).at(-1)!);
    }
    parseSpec(`${option}=-1`, BACKENDS);
  }
});

Deno.test("numbers of encoders and measures have bounds, and a parameter has one value", async () => {
  for (const key of ["dim", "pool_factor"]) {
    await expectError(
      () => parseEncoderSpec(`builtin:${key}=99999999999999999999`),
      1,
      key,
      "9999999",
      "at most 65536",
    );
  }
  for (const measure of ["RR@99999999999999999999", "SetF(beta=1e300)", "RR(rel=99999999999999999999)"]) {
    await expectError(() => parseMeasure(measure), 2, "measure", measure);
  }
  for (const measure of ["RR(rel=1,rel=2)@10", "nDCG(gains='exp',dcg='exp-log2')@10", "ERR(max_rel=2,max_rel=2)@5"]) {
    await expectError(() => parseMeasure(measure), 2, measure.split("(")[0], "once");
  }
  for (const list of ["1,".repeat(50_000), `RR(${",".repeat(50_000)})`]) {
    await expectError(() => parseMeasures(list), 2, "characters", "at most 10000");
    await expectError(() => parseMeasure(list), 2, "characters");
  }
});

/** Command lines that ask for more than there can be, before anything is read. */
const LINES: readonly (readonly [Command, readonly string[], string])[] = [
  [metricsCommand, ["--compat", "trec_eval@9", "--level", "HUGE"], "--level"],
  [metricsCommand, ["--compat", "trec_eval@9", "--max", "HUGE"], "--max"],
  [metricsCommand, ["--compat", "trec_eval@10", "--collection", "HUGE"], "--collection"],
  [v1Command, ["retrieve", "--index", "x", "--queries", "x", "--depth", "HUGE"], "--depth"],
  [v1Command, ["retrieve", "--index", "x", "--queries", "x", "--nprobe", "HUGE"], "--nprobe"],
  [v1Command, ["index", "--index", "x", "--collection", "x", "--chunksize", "HUGE"], "--chunksize"],
  [v1Command, ["index-faiss", "--index", "x", "--sample", "HUGE"], "--sample"],
  [v1Command, ["index-faiss", "--index", "x", "--partitions", "HUGE"], "--partitions"],
  [compareCommand, ["x", "--margin", "HUGE"], "--margin"],
];

Deno.test("command lines with endless numbers are wrong usage that names option, value and bound", async () => {
  using folder = temporaryFolder();
  const [qrels, run] = [folder.file("qrels", "1 0 d 1\n"), folder.file("run", "1 Q0 d 1 1 x\n")];
  for (const [command, words, option] of LINES) {
    for (const value of ["99999999999999999999", "1".repeat(400)]) {
      const files = command === metricsCommand ? ["--qrels", qrels, "--run", run] : [];
      const args = [...words.map((word) => word === "HUGE" ? value : word), ...files];
      const sub = command.subcommands?.find(({ name }) => name === args[0]);
      const act = () => sub ? sub.run(args.slice(1)) : command.run(args);
      await expectError(act, 1, option, value.slice(0, 20), "at most");
    }
  }
});

Deno.test("every number of the command line has an upper bound", async () => {
  for (
    const option of ["threads", "k", "rounds", "gigabytes", "size", "batch", "sample", "port", "unknown", "constructor"]
  ) {
    await expectError(() => positiveNumber(option, "99999999999999999999"), 1, `--${option}`, "at most");
    await expectError(() => positiveNumber(option, "9".repeat(400)), 1, `--${option}`, "at most");
    strictEqual(positiveNumber(option, "7"), 7);
    await expectError(() => wholeNumber(option, "99999999999999999999"), 1, `--${option}`, "at most");
    await expectError(() => wholeNumber(option, "-1"), 1, `--${option}`, "from 0");
    strictEqual(wholeNumber(option, "0"), 0);
    for (const value of ["0", "-1", "1e300", "NaN", "Infinity", ""]) {
      await expectError(() => positiveDecimal(option, value, 10), 1, `--${option}`, "at most 10");
    }
    strictEqual(positiveDecimal(option, "0.5", 10), 0.5);
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
