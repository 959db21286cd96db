import { join } from "node:path";
import { z } from "zod";
import { type Guide, openGuide, writeGuide } from "../backends/vectors/guide.ts";
import { openVectorScorer } from "../backends/vectors/scorer.ts";
import { openDataset } from "../datasets/open.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";
import type { Matrix } from "../encoders/encoder.ts";
import { loadEncoder } from "../encoders/load.ts";
import { median } from "../eval/latency/percentiles.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { type KernelChoice, KERNELS } from "../kernels/kernel.ts";
import { isFile } from "../support/paths.ts";
import { embeddingsOf } from "./embeddings.ts";
import { QUERY_ROWS, repeatRows, writeInputs } from "./inputs.ts";
import { benchPlaidPeers } from "./plaid_peers.ts";
import { type BenchOptions, runPython } from "./python.ts";

const QUERIES = 10;

const answer = z.record(z.string(), z.object({ ms: z.array(z.number()), top10: z.array(z.array(z.int())) }));

/** What an engine was measured to do, over all rounds. */
interface Measured {
  readonly ms: number[];
  /** Of the top-10 lists, those that equal the exact one. */
  equal: number;
  lists: number;
}

/**
 * Exhaustive search of 32-row queries over a data set's rows, with every kernel build, beside other CPU engines (numpy with OpenBLAS,
 * maxsim-cpu, NumKong, onnxruntime) over the same rows, in turn within one run. Rows of real queries are repeated up to 32. Top-10 lists
 * are compared with those of the native or WASM build without int8; the top 1000 with int8 first has to equal the one without.
 */
export async function benchPeers(options: BenchOptions): Promise<void> {
  if (options.task === "plaid") return await benchPlaidPeers(options);
  const { dataset, store, threads, rounds } = options;
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const embeddings = await embeddingsOf(dataset, encoder, store);
  const folder = join(store, "bench");
  Deno.mkdirSync(folder, { recursive: true });
  const { dim, tokens } = embeddings.header;
  const texts = openDataset(dataset).topics[0].queries().slice(0, QUERIES).map(({ text }) => text);
  const queries: Matrix[] = [];
  for (const text of texts) queries.push(repeatRows((await encoder.encodeQuery(text)).matrix));

  const inputs = writeInputs(folder, embeddings, queries);
  const job = { ...inputs, dim, query_rows: QUERY_ROWS, threads, scratch: folder };
  const engines = new Map<string, Measured>();
  let exact: string[] = [];
  const add = (name: string, ms: readonly number[], top10: readonly (readonly number[])[]) => {
    const measured = engines.get(name) ?? { ms: [], equal: 0, lists: 0 };
    measured.ms.push(...ms);
    measured.equal += top10.filter((list, q) => JSON.stringify(list) === exact[q]).length;
    measured.lists += top10.length;
    engines.set(name, measured);
  };
  let proved = true;
  for (let round = 1; round <= rounds; round++) {
    for (const name of KERNELS.filter((name) => name !== "reference")) {
      const { choice } = await chooseKernel(name, store);
      const rankings: string[] = [];
      for (const guided of [false, true]) {
        const guide = guided ? guideOf(folder, embeddings, choice) : undefined;
        await using scorer = await openVectorScorer(embeddings, { kernel: choice, threads, memory: "auto", guide });
        await scorer.search(queries[0], 10);
        const ms: number[] = [];
        const top10: number[][] = [];
        for (const [q, query] of queries.entries()) {
          const started = performance.now();
          const { numbers, scores } = await scorer.search(query, 1000);
          ms.push(performance.now() - started);
          top10.push([...numbers.subarray(0, 10)]);
          const ranking = JSON.stringify([...numbers, ...scores]);
          if (guided) proved &&= rankings[q] === ranking;
          else rankings.push(ranking);
        }
        if (exact.length === 0) exact = top10.map((list) => JSON.stringify(list));
        add(guided ? `latebench, ${name}, int8 first` : `latebench, ${name}`, ms, top10);
      }
    }
    console.error(`round ${round}: other engines`);
    const others = answer.parse(await runPython("peers.py", job, threads, "requirements.peers.txt"));
    for (const [name, { ms, top10 }] of Object.entries(others)) add(name, ms, top10);
  }
  const numpy = Math.min(...[...engines].filter(([name]) => name.startsWith("numpy")).map(([, { ms }]) => median(ms)));
  console.log(
    `exhaustive search, ${tokens} rows × ${dim}, ${QUERY_ROWS}-row queries, ${threads} threads, median of ${rounds} × ${texts.length}:`,
  );
  for (const [name, { ms, equal, lists }] of engines) {
    const middle = median(ms);
    const speed = (2 * tokens * dim * QUERY_ROWS) / middle / 1e6;
    console.log(
      `  ${name.padEnd(30)} ${middle.toFixed(1).padStart(7)} ms, ${speed.toFixed(1).padStart(6)} GFLOP/s, ` +
        `${(numpy / middle).toFixed(2).padStart(6)} × numpy's speed, top 10 equal in ${equal} of ${lists}`,
    );
  }
  console.log(`  top 1000 of int8 first and without ${proved ? "are equal" : "DIFFER"}`);
}

function guideOf(folder: string, embeddings: Embeddings, kernel: KernelChoice): Guide {
  const own = join(folder, `guide-${embeddings.header.collection_hash}-${embeddings.header.encoder_hash}`);
  Deno.mkdirSync(own, { recursive: true });
  if (!isFile(join(own, "guide.json"))) writeGuide(own, embeddings, kernel);
  return openGuide([{ folder: own, embeddings }]);
}
