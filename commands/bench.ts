import { benchEncode } from "../bench/encode.ts";
import { benchForeign } from "../bench/foreign.ts";
import { benchIndexing } from "../bench/indexing.ts";
import { benchIvfpq } from "../bench/ivfpq.ts";
import { benchKMeans } from "../bench/k_means.ts";
import { benchKernels } from "../bench/kernels.ts";
import { benchLayouts } from "../bench/layouts.ts";
import { benchMetrics } from "../bench/metrics.ts";
import { benchRead } from "../bench/read.ts";
import { benchPeers } from "../bench/peers.ts";
import { benchScale } from "../bench/scale.ts";
import { benchUpdates } from "../bench/updates.ts";
import { usageError } from "../support/errors.ts";
import { indexingRecorder } from "./bench/record_indexing.ts";
import { type Command, oneOf, parseCommandLine, positiveNumber } from "./command.ts";
import { own } from "../support/own.ts";

/** The benchmarks, by name. */
const BENCHES = {
  encode: benchEncode,
  foreign: benchForeign,
  indexing: benchIndexing,
  ivfpq: benchIvfpq,
  kernels: benchKernels,
  "k-means": benchKMeans,
  layouts: benchLayouts,
  metrics: benchMetrics,
  peers: benchPeers,
  read: benchRead,
  scale: benchScale,
  updates: benchUpdates,
};

/** `deno task bench`: times latebench, beside Python's tools where there are such, in one run on one machine. */
export const benchCommand: Command = {
  name: "bench",
  summary: "time latebench's parts, beside Python's tools (these need uv)",
  usage: `encode|foreign|indexing|ivfpq|kernels|k-means|peers|metrics|layouts|read|scale|updates [options]

  encode             latebench beside onnxruntime in Python
  foreign            one index searched by latebench and by the engine whose format it has: Stanford's ColBERT, fast-plaid,
                     next-plaid (needs cargo)
  indexing           passages a minute from the plain loop through every optimisation (SIGIR'20, Figure 6)
  peers              exhaustive search beside numpy, maxsim-cpu, NumKong and onnxruntime; with --task plaid
                     PLAID beside next-plaid (needs cargo), fast-plaid and xtr-warp-rs
  ivfpq              FAISS through its binding beside the built-in engine: training, adding, candidates
  kernels            every inner loop in every build, beside the machine's limits
  k-means            centroids of a data set's rows: seconds and quantisation error
  metrics            deno task metrics beside pytrec_eval, ir_measures and ranx
  layouts            encoders by how passages are spread over threads and batches, and the time of a query
  read               the data set's collection file, repeated
  scale              how PLAID's build time, bytes, memory and latency grow: vectors drawn from a mixture fitted to real ones
  updates            ten additions of 1 % to an index of the other 90 %: time, drift, quality beside a new index

  --dataset ID|DIR   data set (default: demo-msmarco)
  --threads N        threads for both sides (default: all cores)
  --rounds N         interleaved rounds (default 3)
  --sample N         passages to encode (default 1024)
  --size N           scale: passages; may be given several times (default: 10000, 31623, 100000)
  --task NAME        peers: exhaustive (default) or plaid
  --engine NAME      peers --task plaid: only engines with this in their names; may be given several times
  --quick            foreign, peers --task plaid: with a tenth of the passages
  --encoder SPEC     layouts: an encoder to time; may be given several times (default: builtin)
  --batch N          layouts: passages a batch; may be given several times (default: 8, 16, 32, 64)
  --qrels FILE       metrics: judgements over which a run is made up (such as qrels.dev.small.tsv)
  --gigabytes N      read: size of the repeated file (default: 3)
  --out DIR          indexing: results.json for \`report --preset sigir20-figure6\` goes there
  --store DIR        where embeddings are kept (default: .latebench)`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        dataset: { type: "string", default: "demo-msmarco" },
        threads: { type: "string", default: String(navigator.hardwareConcurrency) },
        rounds: { type: "string", default: "3" },
        sample: { type: "string", default: "1024" },
        encoder: { type: "string", multiple: true, default: ["builtin"] },
        batch: { type: "string", multiple: true, default: ["8", "16", "32", "64"] },
        size: { type: "string", multiple: true, default: ["10000", "31623", "100000"] },
        task: { type: "string", default: "exhaustive" },
        engine: { type: "string", multiple: true, default: [] },
        quick: { type: "boolean", default: false },
        qrels: { type: "string", default: "" },
        gigabytes: { type: "string", default: "3" },
        out: { type: "string" },
        store: { type: "string", default: ".latebench" },
      },
      allowPositionals: true,
    });
    const bench = own(BENCHES, positionals[0] ?? "");
    if (positionals.length !== 1 || !bench) throw usageError(`bench: name one of ${Object.keys(BENCHES).join(", ")}`);
    if (bench === benchMetrics && values.qrels === "") throw usageError("bench metrics: --qrels is needed");
    const threads = positiveNumber("threads", values.threads);
    const { out } = values;
    if (out !== undefined && bench !== benchIndexing) throw usageError("bench: --out goes with indexing");
    const record = out === undefined ? undefined : await indexingRecorder(out, threads, ["bench", ...args]);
    await bench({
      record,
      task: oneOf("task", values.task, ["exhaustive", "plaid"]),
      engines: values.engine,
      quick: values.quick,
      qrels: values.qrels,
      gigabytes: positiveNumber("gigabytes", values.gigabytes),
      dataset: values.dataset,
      store: values.store,
      threads,
      rounds: positiveNumber("rounds", values.rounds),
      sample: positiveNumber("sample", values.sample),
      sizes: values.size.map((size) => positiveNumber("size", size)),
      encoders: values.encoder,
      batches: values.batch.map((size) => positiveNumber("batch", size)),
    });
    return 0;
  },
};
