import { join } from "node:path";
import { z } from "zod";
import { loadEncoder } from "../encoders/load.ts";
import { BATCH_SIZE, type EncodingLayout } from "../encoders/passage_encoder.ts";
import { median } from "../eval/latency/percentiles.ts";
import { fromFileUrl } from "../support/paths.ts";
import { type BenchOptions, runPython } from "./python.ts";
import { samplePassages } from "./sample.ts";
import { makeTemporaryFolder } from "../support/temporary_folder.ts";

/** One bar of the figure: everything before it, and one thing more. */
interface Step {
  readonly name: string;
  readonly model: "float32" | "int8";
  readonly layout: EncodingLayout;
}

const answer = z.object({ products: z.int().positive() });

/** The steps of SIGIR'20's Figure 6, each with the switch that turns it on. */
function stepsFor(threads: number): Step[] {
  const one = { workers: 1, threadsEach: threads, batchSize: BATCH_SIZE };
  const many = { workers: threads, threadsEach: 1, batchSize: BATCH_SIZE };
  const given = { padding: "batch", order: "given", tokenising: "alone" } as const;
  return [
    { name: "plain loop", model: "float32", layout: { ...one, ...given, padding: "maximum" } },
    { name: "+ per-batch maximum length", model: "float32", layout: { ...one, ...given } },
    { name: "+ length bucketing", model: "float32", layout: { ...one, ...given, order: "length" } },
    { name: "+ a worker a thread", model: "float32", layout: { ...many, tokenising: "alone" } },
    { name: "+ parallel tokenisation", model: "float32", layout: many },
    { name: "+ int8", model: "int8", layout: many },
  ];
}

/**
 * Passages per minute of the built-in encoder, from the plain loop through every optimisation (SIGIR'20, Figure 6), in interleaved
 * rounds. The float32 model has the int8 model's weights; making it needs Python.
 */
export async function benchIndexing(
  { dataset, store, threads, rounds, sample, record }: BenchOptions,
): Promise<void> {
  const texts = samplePassages(dataset, sample);
  const folder = await makeTemporaryFolder("latebench-float32-");
  try {
    await writeFloatModel(folder);
    const steps = stepsFor(threads);
    const rates = steps.map((): number[] => []);
    const work = steps.map(() => 0);
    for (let round = 1; round <= rounds; round++) {
      for (const [s, { name, model, layout }] of steps.entries()) {
        const spec = model === "int8" ? "builtin" : folder;
        await using encoder = await loadEncoder(spec, { threads, store, quiet: true, layout });
        await encoder.encodePassages(texts.slice(0, layout.batchSize * layout.workers)); // workers start with the first call
        const started = performance.now();
        const { macs } = await encoder.encodePassages(texts);
        rates[s].push(texts.length / ((performance.now() - started) / 60_000));
        work[s] = macs ? 2 * (macs.float + macs.integer) : NaN;
        console.error(`round ${round} of ${rounds}: ${name}, ${rates[s].at(-1)!.toFixed(0)} passages/min`);
      }
    }
    console.log(
      `${texts.length} passages of ${dataset}, ${threads} threads, batches of ${BATCH_SIZE}, median of ${rounds}:`,
    );
    const medians = rates.map(median);
    record?.(steps.map(({ name }, s) => ({
      dataset,
      name,
      passages: texts.length,
      rounds,
      passages_per_minute: medians[s],
      operations_per_passage: Number.isNaN(work[s]) ? null : work[s] / texts.length,
    })));
    for (const [s, { name }] of steps.entries()) {
      const rate = medians[s];
      const operations = (work[s] / texts.length / 1e9).toFixed(2);
      console.log(
        `  ${name.padEnd(28)} ${rate.toFixed(0).padStart(7)} passages/min  ${
          (rate / medians[0]).toFixed(2)
        } ×  ${operations} G operations a passage`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Makes an encoder's folder with the built-in model in float32. */
async function writeFloatModel(folder: string): Promise<void> {
  const builtIn = (name: string) => fromFileUrl(new URL(`../encoders/models/builtin/${name}`, import.meta.url));
  for (const name of ["encoder.json", "tokenizer.json"]) Deno.copyFileSync(builtIn(name), join(folder, name));
  const job = { model: builtIn("model.onnx"), target: join(folder, "model.onnx") };
  answer.parse(await runPython("dequantise.py", job, 1, "requirements.onnx.txt"));
}
