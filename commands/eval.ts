import { join } from "node:path";
import { BACKENDS } from "../backends/registry.ts";
import { type ParsedSpec, parseSpec } from "../backends/spec.ts";
import type { Dataset } from "../datasets/dataset.ts";
import { openLocated } from "../datasets/open.ts";
import { describeFiles } from "../datasets/own_files.ts";
import { builtInDatasets, DATA_DIR } from "../datasets/registry.ts";
import { usageError } from "../support/errors.ts";
import { KERNELS } from "../kernels/kernel.ts";
import type { Command } from "./command.ts";
import { openGiven, parseEvalArguments, prepareDataset, readOptions } from "./eval/arguments.ts";
import { runConfig } from "./eval/config/run_config.ts";
import { evaluate, explainMissing } from "./eval/evaluate.ts";
import { lockResults, publishResults } from "./eval/publish_results.ts";
import { LATENCY_USAGE } from "./eval/latency/parse_options.ts";

const USAGE = `[options]

  --config FILE.yaml    data sets × encoders × backends × grids of options, and what is expected of them (docs/configs.md)
  --only GLOB           of a configuration: cells DATASET/ENCODER/SYSTEM, or systems
  --dry-run             of a configuration: lists the cells with estimated time and disk
  --dataset ID|DIR      data set; may be given several times (default: the built-in ones)
  --collection FILE     with --queries and --qrels, instead of --dataset: a data set of three files (.tsv or .jsonl with
                        string ids; judgements as TREC, BEIR or LoTTE have them); without --qrels, rankings only
  --sample N            search N passages of each collection: all that are judged, and others drawn with --seed
  --seed N              (default 1)
  --ignore-identical-ids
                        leave a passage out of a query's ranking whose id is the query's, as BEIR does (default: where the
                        data set says so: ArguAna, Quora)
  --repair-text         passages with UTF-8 that was read as Latin-1 undone; the benchmark's own are the broken ones
  --data-dir DIR        folder of published data, and of data set folders (default: ${DATA_DIR})
  --backend SPEC        system; may be given several times (default: bm25, exhaustive,
                        faiss-ivfpq, plaid, rerank:first=bm25)
  --encoder ID|DIR      builtin (default), a local folder, or hf:owner/name; :dim=N after it keeps the
                        first N columns of each vector, where the model was made for that (builtin:dim=64),
                        :pool_factor=N one in N vectors of a passage (builtin:dim=64,pool_factor=2)
  --k N                 passages a query (default 1000)
${LATENCY_USAGE}
  --kernel BUILD        auto (default), ${KERNELS.join(", ")}
  --threads N           threads (default: all cores)
  --out DIR             where results go (default: results/NAME)
  --store DIR           where embeddings and indexes are kept (default: .latebench)
  --verify WHEN         compare checksums of large files always, once for each state of a file (default), or never
  --why-missed QID PID  measure nothing: tell through which stage of each system the passage is lost, and by how much
  --resume              keep the cells that an interrupted run of the same settings has measured
  --force               build embeddings and indexes anew
  --json                print the results as JSON instead of the leaderboard
  --quiet               no progress`;

/** The backends of a leaderboard run without `--backend`. */
const DEFAULT_BACKENDS = ["bm25", "exhaustive", "faiss-ivfpq", "plaid", "rerank:first=bm25"];

/** `deno task eval`: measures systems on data sets, prints the leaderboard, writes results and report. */
export const evalCommand: Command = {
  name: "eval",
  summary: "measure systems on data sets: leaderboard, results file, report",
  usage: USAGE,
  async run(args) {
    const { values, positionals } = parseEvalArguments(args);
    if (values.config !== undefined) {
      const mixed = (["dataset", "backend", "collection", "queries", "qrels", "why-missed"] as const).find((name) =>
        values[name] !== undefined
      );
      if (mixed) throw usageError(`--config and --${mixed} exclude each other`);
      return await runConfig(values.config, args);
    }
    if (values.only !== undefined || values["dry-run"]) throw usageError("--only and --dry-run need --config");
    const missed = values["why-missed"] === undefined ? null : { qid: values["why-missed"], pid: positionals[0] };
    if (positionals.length !== (missed ? 1 : 0)) {
      throw usageError(
        missed ? "--why-missed: name a query and a passage" : `eval takes no argument ${positionals[0]}`,
      );
    }
    const systems = unique((values.backend ?? DEFAULT_BACKENDS).map((spec) => parseSpec(spec, BACKENDS)));
    const own = openOwnFiles(values);
    const specs = values.dataset ?? (own ? [] : builtInDatasets());
    const opened = [...specs.map((spec) => openGiven(spec, values)), ...own ? [own] : []];
    const datasets = opened.map((dataset) => prepareDataset(dataset, values));
    const repeated = datasets.find(({ name }, i) => datasets.findIndex((other) => other.name === name) !== i);
    if (repeated) throw usageError(`--dataset: two data sets are called ${repeated.name}`);
    const out = values.out ??
      join("results", values.dataset || own ? datasets.map(({ name }) => name).join("+") : "builtin");
    const options = { ...readOptions(values, args), out, keepGoing: false };
    if (missed) {
      console.log((await explainMissing(datasets, systems, options, missed)).join("\n\n"));
      return 0;
    }
    using _lock = await lockResults(out, values.quiet);
    const results = await evaluate(datasets.map((dataset) => ({ dataset, systems })), options);
    publishResults(results, out, values);
    return 0;
  },
};

/** The same system twice would be measured twice under one name. */
function unique(systems: readonly ParsedSpec[]): ParsedSpec[] {
  return [...new Map(systems.map((system) => [system.label, system])).values()];
}

/** The data set that `--collection`, `--queries` and `--qrels` name; null where they are not given. */
function openOwnFiles(
  { collection, queries, qrels }: { collection?: string; queries?: string; qrels?: string },
): Dataset | null {
  if (collection === undefined && queries === undefined && qrels === undefined) return null;
  if (collection === undefined || queries === undefined) throw usageError("--collection and --queries go together");
  return openLocated({ directory: "", description: describeFiles(collection, queries, qrels ?? null) });
}
