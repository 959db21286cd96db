import { join } from "node:path";
import { z } from "zod";
import { type Guide, openGuide, writeGuide } from "../backends/vectors/guide.ts";
import { openVectorScorer } from "../backends/vectors/scorer.ts";
import { openDataset } from "../datasets/open.ts";
import { embeddingsFolder, encodeCollection } from "../encoders/embeddings/encode_collection.ts";
import { type Embeddings, readEmbeddings } from "../encoders/embeddings/read.ts";
import type { Matrix } from "../encoders/encoder.ts";
import { loadEncoder } from "../encoders/load.ts";
import { median } from "../eval/latency/distribution.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { type KernelChoice, KERNELS } from "../kernels/kernel.ts";
import { isFile } from "../support/paths.ts";
import { type BenchOptions, runPython } from "./python.ts";

const QUERY_ROWS = 32;
const QUERIES = 10;

const answer = z.object({
  product_ms: z.array(z.number()),
  search_ms: z.array(z.number()),
  top10: z.array(z.array(z.int())),
});

/**
 * Exhaustive search of 32-row queries over a data set's fp16 rows, with every kernel build, beside a numpy (OpenBLAS) float32 product
 * over the same rows. Rows of real queries are repeated up to 32. Top-10 lists are compared.
 */
export async function benchSearch({ dataset, store, threads, rounds }: BenchOptions): Promise<void> {
  const source = openDataset(dataset);
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const vectors = embeddingsFolder(store, source, encoder);
  await encodeCollection(source, encoder, vectors, { quiet: false });
  const embeddings = readEmbeddings(vectors);
  const folder = join(store, "bench");
  Deno.mkdirSync(folder, { recursive: true });
  const { dim, tokens } = embeddings.header;
  const texts = source.topics[0].queries().slice(0, QUERIES).map(({ text }) => text);
  const queries: Matrix[] = [];
  for (const text of texts) queries.push(repeatRows((await encoder.encodeQuery(text)).matrix));

  const job = { ...writeInputs(folder, embeddings.lengths, embeddings.shards.map(({ file }) => file), queries), dim };
  const times = new Map<string, number[]>();
  const add = (name: string, ms: readonly number[]) => times.set(name, [...times.get(name) ?? [], ...ms]);
  let agreed = true;
  for (let round = 1; round <= rounds; round++) {
    const python = answer.parse(await runPython("search.py", { ...job, query_rows: QUERY_ROWS }, threads));
    add("numpy product", python.product_ms);
    add("numpy search", python.search_ms);
    for (const name of KERNELS.filter((name) => name !== "reference")) {
      const { choice } = await chooseKernel(name, store);
      const exact: string[] = [];
      for (const guided of [false, true]) {
        const guide = guided ? guideOf(folder, embeddings, choice) : undefined;
        await using scorer = await openVectorScorer(embeddings, { kernel: choice, threads, memory: "auto", guide });
        await scorer.search(queries[0], 10);
        for (const [q, query] of queries.entries()) {
          const started = performance.now();
          const { numbers, scores } = await scorer.search(query, 1000);
          add(guided ? `${name}, int8 first` : name, [performance.now() - started]);
          agreed &&= JSON.stringify([...numbers.subarray(0, 10)]) === JSON.stringify(python.top10[q]);
          const ranking = JSON.stringify([...numbers, ...scores]);
          if (guided) agreed &&= exact[q] === ranking;
          else exact.push(ranking);
        }
      }
    }
  }
  const product = median(times.get("numpy product")!);
  console.log(
    `search, ${tokens} rows × ${dim}, ${QUERY_ROWS}-row queries, ${threads} threads, median of ${rounds} × ${texts.length}:`,
  );
  for (const [name, all] of times) {
    const ms = median(all);
    const gflops = (2 * tokens * dim * QUERY_ROWS) / ms / 1e6;
    console.log(
      `  ${name.padEnd(14)} ${ms.toFixed(1)} ms, ${gflops.toFixed(1)} GFLOP/s, ${
        (ms / product).toFixed(2)
      } × numpy's product`,
    );
  }
  console.log(`  top-10 lists, and top-1000 of int8 first and without, ${agreed ? "are equal" : "DIFFER"}`);
}

function guideOf(folder: string, embeddings: Embeddings, kernel: KernelChoice): Guide {
  const own = join(folder, `guide-${embeddings.header.collection_hash}-${embeddings.header.encoder_hash}`);
  Deno.mkdirSync(own, { recursive: true });
  if (!isFile(join(own, "guide.json"))) writeGuide(own, embeddings, kernel);
  return openGuide(own);
}

function repeatRows({ data, rows, dim }: Matrix): Matrix {
  const repeated = new Float32Array(QUERY_ROWS * dim);
  for (let r = 0; r < QUERY_ROWS; r++) repeated.set(data.subarray((r % rows) * dim, (r % rows + 1) * dim), r * dim);
  return { data: repeated, rows: QUERY_ROWS, dim };
}

/** Writes what the Python side reads: all rows in one file, the lengths, and the queries. */
function writeInputs(
  folder: string,
  lengths: Int32Array<ArrayBuffer>,
  shards: readonly string[],
  queries: readonly Matrix[],
) {
  const names = {
    rows: join(folder, "all.rows"),
    lengths: join(folder, "all.lengths"),
    queries: join(folder, "queries.f32"),
  };
  using rows = Deno.openSync(names.rows, { write: true, create: true, truncate: true });
  for (const shard of shards) {
    const bytes = Deno.readFileSync(shard);
    for (let at = 0; at < bytes.length;) at += rows.writeSync(bytes.subarray(at));
  }
  Deno.writeFileSync(names.lengths, new Uint8Array(lengths.buffer));
  Deno.writeFileSync(names.queries, new Uint8Array(new Float32Array(queries.flatMap(({ data }) => [...data])).buffer));
  return names;
}
