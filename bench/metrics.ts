import { join } from "node:path";
import { z } from "zod";
import type { Qrels } from "../datasets/dataset.ts";
import { readQrels } from "../datasets/formats/qrels.ts";
import { median } from "../eval/latency/percentiles.ts";
import { writeRun } from "../eval/runs/write.ts";
import { badInput } from "../support/errors.ts";
import { fromFileUrl } from "../support/paths.ts";
import { seededRandom } from "../support/random.ts";
import { type BenchOptions, runPython } from "./python.ts";

const DEPTH = 1000;
const COLLECTION = 8_841_823;
const SEED = 1;

const measured = z.record(
  z.string(),
  z.object({ cpu_s: z.number(), wall_s: z.number(), peak_bytes: z.number(), mean: z.record(z.string(), z.number()) }),
);

/**
 * Measures RR@10, R@50, R@200, R@1000, nDCG@10 and AP of a synthetic run of 1,000 passages a query from files, for every query, with
 * `deno task metrics` and with pytrec_eval, ir_measures and ranx: CPU seconds and peak memory of whole processes. Means are compared.
 */
export async function benchMetrics({ qrels: file, store, rounds }: BenchOptions): Promise<void> {
  const qrels = readQrels(file);
  if (qrels.size === 0) throw badInput(file, "no judgements", "at least one");
  Deno.mkdirSync(join(store, "bench"), { recursive: true });
  const run = join(store, "bench", "synthetic.run");
  writeRun(run, syntheticRun(qrels), "trec", { tag: "synthetic" });
  const main = fromFileUrl(new URL("../main.ts", import.meta.url));
  const ours = [Deno.execPath(), "run", "--allow-read", main, "metrics", "--qrels", file, "--run", run, "-q", "--json"];

  const all = new Map<string, z.infer<typeof measured>[string][]>();
  for (let round = 0; round < rounds; round++) {
    const answer = await runPython("metrics.py", { qrels: file, run, ours }, 1, "requirements.metrics.txt");
    for (const [tool, figures] of Object.entries(measured.parse(answer))) {
      all.set(tool, [...all.get(tool) ?? [], figures]);
    }
  }
  const seconds = (tool: string) => median(all.get(tool)!.map(({ cpu_s }) => cpu_s));
  const others = [...all.keys()].filter((tool) => tool !== "latebench");
  const fastest = Math.min(...others.map(seconds));
  console.log(`metrics of ${qrels.size} queries × ${DEPTH} passages from files, median of ${rounds} rounds:`);
  for (const [tool, rounds] of all) {
    const peak = Math.max(...rounds.map(({ peak_bytes }) => peak_bytes));
    console.log(
      `  ${tool.padEnd(12)} ${seconds(tool).toFixed(2)} CPU s, ${
        median(rounds.map(({ wall_s }) => wall_s)).toFixed(2)
      } s, ` +
        `${(peak / 1e6).toFixed(0)} MB at most, ${
          (seconds(tool) / fastest).toFixed(2)
        } × the fastest Python tool's CPU time`,
    );
  }
  const reference = all.get("latebench")![0].mean;
  const differs = others.flatMap((tool) =>
    Object.entries(all.get(tool)![0].mean).filter(([name, value]) => Math.abs(value - reference[name]) > 1e-9)
      .map(([name, value]) => `${tool} ${name} ${value}, ours ${reference[name]}`)
  );
  console.log(`  means ${differs.length === 0 ? "are equal" : `DIFFER: ${differs.join("; ")}`}`);
}

/** Random passages with falling scores, none of them equal; each relevant one is among them with chance 0.85, nearer the top the likelier. */
function* syntheticRun(qrels: Qrels): Generator<[string, { id: string; score: number }[]]> {
  const random = seededRandom(SEED);
  for (const [qid, grades] of qrels) {
    const ids = new Set<string>();
    while (ids.size < DEPTH) ids.add(String(Math.floor(random() * COLLECTION)));
    const ranking = [...ids];
    for (const pid of grades.keys()) {
      const rank = Math.floor(DEPTH * random() ** 4);
      if (random() < 0.85 && !ids.has(pid)) ranking[rank] = pid;
    }
    let score = 30;
    yield [qid, ranking.map((id) => ({ id, score: Number((score -= 0.001 + 0.02 * random()).toFixed(6)) }))];
  }
}
