import { openDataset } from "../datasets/open.ts";
import { loadEncoder } from "../encoders/load.ts";
import type { EncodingLayout } from "../encoders/passage_encoder.ts";
import { median } from "../eval/latency/percentiles.ts";
import type { BenchOptions } from "./python.ts";
import { samplePassages } from "./sample.ts";

/**
 * Passages per second of several encoders, for every way to spread passages over threads (many workers of one thread, or one
 * worker of many) and every batch size; rounds are interleaved, medians reported. Batches are sorted by length. Also the median
 * time of one query on all threads.
 */
export async function benchLayouts(options: BenchOptions): Promise<void> {
  const { dataset, threads, encoders, batches, rounds, store } = options;
  const texts = samplePassages(dataset, options.sample);
  const queries = openDataset(dataset).topics[0].queries().slice(0, 20).map(({ text }) => text);
  const spreads = threads === 1 ? [[1, 1]] : [[threads, 1], [1, threads]];
  const layouts = spreads.flatMap(([workers, threadsEach]) =>
    batches.map((batchSize): EncodingLayout => ({ workers, threadsEach, batchSize }))
  );
  const times = new Map<string, number[]>();
  const add = (key: string, value: number) => times.set(key, [...times.get(key) ?? [], value]);
  for (let round = 1; round <= rounds; round++) {
    for (const spec of encoders) {
      for (const layout of layouts) {
        await using encoder = await loadEncoder(spec, { threads, store, quiet: true, layout });
        await encoder.encodePassages(texts.slice(0, layout.batchSize * layout.workers)); // workers start with the first call
        const started = performance.now();
        await encoder.encodePassages(texts);
        add(row(spec, layout), texts.length / ((performance.now() - started) / 1000));
        if (layout !== layouts[0]) continue;
        for (const query of queries) {
          const asked = performance.now();
          await encoder.encodeQuery(query);
          add(spec, performance.now() - asked);
        }
      }
    }
    console.error(`round ${round} of ${rounds} done`);
  }
  console.log(`${texts.length} passages of ${dataset}, ${threads} threads, median of ${rounds}:`);
  for (const spec of encoders) {
    console.log(`${spec}: a query takes ${median(times.get(spec)!).toFixed(1)} ms`);
    for (const layout of layouts) {
      const { workers, threadsEach, batchSize } = layout;
      const rate = median(times.get(row(spec, layout))!).toFixed(1).padStart(7);
      console.log(
        `  ${workers} × ${threadsEach} threads, batches of ${String(batchSize).padStart(3)}: ${rate} passages/s`,
      );
    }
  }
}

function row(spec: string, { workers, threadsEach, batchSize }: EncodingLayout): string {
  return `${spec} ${workers} ${threadsEach} ${batchSize}`;
}
