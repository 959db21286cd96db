import { z } from "zod";
import { loadEncoder } from "../encoders/load.ts";
import { BATCH_SIZE } from "../encoders/passage_encoder.ts";
import { median } from "../eval/latency/percentiles.ts";
import { fromFileUrl } from "../support/paths.ts";
import { type BenchOptions, runPython } from "./python.ts";
import { samplePassages } from "./sample.ts";

const answer = z.object({ passages_per_second: z.number() });

/** Passages per second of the built-in encoder, here and in Python's onnxruntime: same model, texts, batches and threads. */
export async function benchEncode({ dataset, store, threads, rounds, sample }: BenchOptions): Promise<void> {
  const texts = samplePassages(dataset, sample);
  const model = (name: string) => fromFileUrl(new URL(`../encoders/models/builtin/${name}`, import.meta.url));
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: true });
  const { doc_maxlen: maxlen } = encoder.config;
  const job = {
    model: model("model.onnx"),
    tokenizer: model("tokenizer.json"),
    threads,
    maxlen,
    marker: encoder.config.doc_marker_id,
    texts,
    batch: BATCH_SIZE,
  };
  await encoder.encodePassages(texts.slice(0, BATCH_SIZE * threads)); // workers start with the first call

  const ours: number[] = [];
  const python: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const started = performance.now();
    await encoder.encodePassages(texts);
    ours.push(texts.length / ((performance.now() - started) / 1000));
    python.push(answer.parse(await runPython("encode.py", job, threads)).passages_per_second);
    console.error(
      `round ${round}: latebench ${ours.at(-1)!.toFixed(1)}, Python ${python.at(-1)!.toFixed(1)} passages/s`,
    );
  }
  console.log(
    `encode, ${texts.length} passages of ${dataset}, ${threads} threads, batches of ${BATCH_SIZE}, median of ${rounds}: ` +
      `latebench ${median(ours).toFixed(1)} passages/s, Python onnxruntime ${median(python).toFixed(1)} passages/s, ` +
      `ratio ${(median(ours) / median(python)).toFixed(2)}`,
  );
}
