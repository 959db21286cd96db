import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { withCompiled } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

Deno.test("--latency full: processes of their own, cold and warm, rounds, load, memory, comparison; and it resumes", async () => {
  using folder = temporaryFolder();
  const out = join(folder.path, "out");
  const store = withCompiled(join(folder.path, "store"));
  const args = ["--dataset", "demo-msmarco", "--backend", "bm25", "--backend", "plaid", "--k", "20", "--out", out];
  const timing = ["--latency", "full", "--max-time", "4", "--precision", "0.5", "--concurrency", "2", "--rate", "50"];
  const all = [...args, ...timing, "--store", store, "--quiet"];
  const { code, stdout, stderr } = await runCli("eval", all);
  strictEqual(code, 0, stderr);
  ok(stdout.includes("p95, p99, p99.9: n too small"), "87 queries say nothing of p95");
  const { cells, latency_ratios, environment } = readResults(join(out, "results.json"));
  for (const { latency, footprint, build, system, queries, stages_ms } of cells) {
    ok(latency && latency.process === "own" && latency.cold && latency.warm);
    strictEqual(latency.queries, 87);
    ok(latency.requests % 87 === 0 || latency.stopped === "max-time");
    ok(latency.harness_us! < 20, `${latency.harness_us} µs a query`);
    ok(latency.warmup_searches >= 11 && latency.search.percentiles.every(({ ms, at_most_ms }) => ms <= at_most_ms));
    const scenarios = latency.load.map(({ scenario }) => scenario);
    strictEqual(
      scenarios.filter((name) => name === "server").length,
      system === "bm25" ? 1 : 2,
      "with encoding, and without",
    );
    ok(["offline", "multi-stream", "server"].every((name) => scenarios.includes(name as "server")));
    for (const { requests, throughput_qps, response, scenario } of latency.load) {
      ok(requests > 0 && throughput_qps > 0 && (response !== null) === (scenario !== "offline"));
    }
    ok(system === "bm25" || latency.with_encoding.mean_ms > latency.search.mean_ms);
    ok(queries.every(({ search_ms }) => search_ms! > 0) || latency.stopped === "max-time");
    ok(stages_ms!.outside >= 0 && stages_ms!.outside < stages_ms!.search);
    if (Deno.build.os !== "linux") continue;
    const { process } = footprint!;
    ok(process!.peak.pss_bytes >= process!.empty.pss_bytes && process!.loaded.rss_bytes >= process!.loaded.pss_bytes);
    ok((process!.encoder === null) === (system === "bm25"));
    ok(build!.processor_seconds! >= 0 && (latency.cold.cached_share ?? 0) <= 1);
  }
  if (cells[0].latency!.rounds >= 8) {
    strictEqual(latency_ratios.length, 2);
    ok(latency_ratios.every(({ ratio: { low, value, high } }) => low <= value && value <= high));
  }
  ok(environment.lock_hash.length === 64 && environment.versions.kernel.length > 0);
  const again = await runCli("eval", [...all, "--resume"]);
  strictEqual(again.code, 0, again.stderr);
  strictEqual(
    JSON.stringify(readResults(join(out, "results.json")).cells),
    JSON.stringify(cells),
    "nothing is timed again",
  );
});

Deno.test("options of --latency full are checked", async () => {
  for (const [option, value] of [["precision", "0"], ["max-time", "soon"], ["scenario", "serve"], ["rate", "-1"]]) {
    const { code, stderr } = await runCli("eval", ["--latency", "full", `--${option}=${value}`]);
    strictEqual(code, 1);
    ok(stderr.includes(`--${option} ${value}`), stderr);
  }
});
