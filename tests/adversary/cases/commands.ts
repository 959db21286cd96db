/** What an option or a positional argument takes. */
export type Kind =
  | "count" // a whole number from 1
  | "no count" // the same, where a large one would be taken at its word
  | "file" // one that is read
  | "folder" // one that is read
  | "place" // a folder or file that is written
  | "store"
  | "name" // one of a few
  | "spec" // of a backend
  | "measures"
  | "encoder"
  | "dataset"
  | "text"
  | "share"
  | "flag";

/** A command with a sound command line, and what its options take. */
export interface CommandLine {
  /** Command and subcommand. */
  readonly words: readonly string[];
  /** Arguments that make it a sound command line. */
  readonly sound: readonly string[];
  readonly options: Readonly<Record<string, Kind>>;
  /** What the first positional argument is, where there is one. */
  readonly positional?: Kind;
  readonly outputs?: readonly string[];
  /** Folders of `honest/` that it changes: cases get a copy. */
  readonly copies?: readonly string[];
  /** Its sound line is too costly to be tried over and over. */
  readonly costly?: boolean;
}

const MACHINE: Readonly<Record<string, Kind>> = { kernel: "name", threads: "count" };
const STORE = ["--store", "../../store"];
const RUN = ["--qrels", "../honest/qrels", "--run", "../honest/run.trec"];
const INDEX = ["--index", "index-bm25", ...STORE, "--quiet"];

/** Every command and subcommand. */
export const COMMANDS: readonly CommandLine[] = [
  {
    words: ["eval"],
    sound: [
      "--dataset",
      "../honest/data",
      "--backend",
      "bm25",
      "--latency",
      "off",
      "--k",
      "10",
      "--out",
      "out",
      ...STORE,
      "--quiet",
    ],
    options: {
      ...MACHINE,
      ...{
        config: "file",
        only: "text",
        "dry-run": "flag",
        dataset: "dataset",
        collection: "file",
        queries: "file",
        qrels: "file",
      },
      ...{
        sample: "count",
        seed: "count",
        "repair-text": "flag",
        "data-dir": "place",
        backend: "spec",
        encoder: "encoder",
        k: "count",
      },
      ...{ latency: "name", out: "place", store: "store", resume: "flag", force: "flag", json: "flag", quiet: "flag" },
    },
    outputs: ["out"],
  },
  {
    words: ["eval"],
    sound: [
      "--dataset",
      "../honest/data",
      "--backend",
      "bm25",
      "--latency",
      "off",
      "--out",
      "out",
      ...STORE,
    ],
    options: { precision: "share", "max-time": "share", scenario: "name", concurrency: "name", rate: "name" },
    outputs: ["out"],
    costly: true,
  },
  {
    words: ["metrics"],
    sound: RUN,
    options: {
      ...{
        qrels: "file",
        run: "file",
        measures: "measures",
        order: "name",
        compat: "name",
        ties: "flag",
        lenient: "flag",
      },
      ...{ queries: "file", json: "flag" },
    },
  },
  {
    words: ["metrics"],
    sound: [...RUN, "--compat", "trec_eval@9"],
    options: {
      level: "text",
      max: "text",
      collection: "text",
      zscores: "file",
      "rel-format": "name",
      measures: "measures",
    },
  },
  { words: ["metrics", "lint-run"], sound: ["../honest/run.trec"], options: { qrels: "file" }, positional: "file" },
  {
    words: ["metrics", "convert"],
    sound: ["../honest/run.trec", "--to", "msmarco", "--out", "out"],
    options: { to: "name", out: "place", tag: "text" },
    positional: "file",
    outputs: ["out"],
  },
  {
    words: ["compare"],
    sound: ["../honest/results"],
    options: { baseline: "name", measures: "measures", margin: "share", reference: "name", out: "place", json: "flag" },
    positional: "folder",
    outputs: ["out"],
  },
  {
    words: ["report"],
    sound: ["../honest/results", "--out", "out"],
    options: { format: "name", preset: "name", out: "place", site: "place", port: "count" },
    positional: "folder",
    outputs: ["out"],
  },
  {
    words: ["report"],
    sound: [
      "../honest/results",
      "--format",
      "msmarco",
      "--system",
      "bm25",
      "--id",
      "20260101-x",
      "--team",
      "t",
      "--out",
      "out",
    ],
    options: {
      system: "name",
      topics: "name",
      id: "text",
      team: "text",
      model: "text",
      paper: "text",
      code: "text",
      out: "place",
    },
    positional: "folder",
    outputs: ["out"],
  },
  {
    words: ["index"],
    sound: ["--collection", "../honest/c.tsv", "--backend", "bm25", "--index", "out", ...STORE, "--quiet"],
    options: {
      ...MACHINE,
      ...{
        index: "place",
        dataset: "dataset",
        collection: "file",
        "data-dir": "place",
        backend: "spec",
        "target-recall": "share",
      },
      ...{ encoder: "encoder", store: "store", force: "flag", quiet: "flag" },
    },
    outputs: ["out", "out.lock"],
  },
  {
    words: ["index", "add"],
    sound: ["--index", "index-exhaustive", "--collection", "../honest/more.tsv", ...STORE],
    options: { ...MACHINE, index: "folder", collection: "file", store: "store" },
    outputs: ["index-exhaustive", "index-exhaustive.lock"],
    copies: ["index-exhaustive"],
    costly: true,
  },
  {
    words: ["index", "upsert"],
    sound: ["--index", "index-exhaustive", "--collection", "../honest/more.tsv", ...STORE],
    options: { index: "folder", collection: "file" },
    outputs: ["index-exhaustive", "index-exhaustive.lock"],
    copies: ["index-exhaustive"],
    costly: true,
  },
  {
    words: ["index", "delete"],
    sound: ["--index", "index-exhaustive", "p1", ...STORE],
    options: { ...MACHINE, index: "folder", ids: "file" },
    outputs: ["index-exhaustive", "index-exhaustive.lock"],
    copies: ["index-exhaustive"],
    costly: true,
  },
  {
    words: ["index", "compact"],
    sound: ["--index", "index-exhaustive", ...STORE],
    options: { ...MACHINE, index: "folder", rebuild: "flag" },
    outputs: ["index-exhaustive", "index-exhaustive.lock"],
    copies: ["index-exhaustive"],
    costly: true,
  },
  {
    words: ["index", "convert"],
    sound: ["../honest/index-plaid", "out", "--to", "colbert"],
    options: { to: "name", encoder: "encoder", collection: "file", force: "flag" },
    positional: "folder",
    outputs: ["out"],
  },
  {
    words: ["search"],
    sound: ["tea by the river", ...INDEX],
    options: {
      ...MACHINE,
      ...{
        index: "folder",
        k: "count",
        set: "name",
        only: "file",
        where: "name",
        explain: "flag",
        why: "text",
        json: "flag",
      },
      ...{ store: "store" },
    },
    outputs: ["index-bm25"],
    copies: ["index-bm25"],
  },
  {
    words: ["v1", "index"],
    sound: ["--collection", "../honest/c.tsv", "--index", "out", ...STORE, "--quiet"],
    options: { ...MACHINE, collection: "file", index: "place", chunksize: "share", encoder: "encoder" },
    outputs: ["out"],
    costly: true,
  },
  {
    words: ["v1", "index-faiss"],
    sound: ["--index", "../honest/index-bm25", "--engine", "builtin", ...STORE],
    options: {
      index: "folder",
      partitions: "count",
      sample: "share",
      slices: "count",
      engine: "name",
      encoder: "encoder",
    },
    costly: true,
  },
  {
    words: ["v1", "retrieve"],
    sound: ["--index", "../honest/index-bm25", "--queries", "../honest/q.tsv", "--engine", "builtin", ...STORE],
    options: {
      ...{
        index: "folder",
        queries: "file",
        partitions: "count",
        nprobe: "count",
        "faiss-depth": "count",
        depth: "text",
      },
      ...{ "part-range": "text", engine: "name", "faiss-name": "text" },
    },
    costly: true,
  },
  {
    words: ["v1", "rerank"],
    sound: [
      "--index",
      "../honest/index-bm25",
      "--queries",
      "../honest/q.tsv",
      "--topk",
      "../honest/topk.tsv",
      ...STORE,
    ],
    options: { index: "folder", queries: "file", topk: "file", step: "count", "part-range": "text" },
    costly: true,
  },
  {
    words: ["v1", "test"],
    sound: [
      "--topk",
      "../honest/topk.tsv",
      "--collection",
      "../honest/c.tsv",
      "--queries",
      "../honest/q.tsv",
      "--out",
      "out",
      ...STORE,
    ],
    options: { topk: "file", collection: "file", queries: "file", qrels: "file", encoder: "encoder" },
    outputs: ["out"],
    costly: true,
  },
  { words: ["data", "list"], sound: ["--data-dir", "none"], options: { files: "flag", "data-dir": "place" } },
  {
    words: ["data", "fetch"],
    sound: ["nope"],
    options: { candidates: "flag", "data-dir": "place" },
    positional: "name",
    costly: true,
  },
  { words: ["data", "verify"], sound: ["msmarco-passage", "--data-dir", "none"], options: {}, positional: "name" },
  { words: ["data", "info"], sound: ["msmarco-passage"], options: {}, positional: "name" },
  {
    words: ["data", "show"],
    sound: ["../honest/data", "p1", ...STORE],
    options: { "data-dir": "place", store: "store" },
    positional: "dataset",
  },
  {
    words: ["data", "init"],
    sound: ["../honest/data"],
    options: { force: "flag" },
    positional: "folder",
    costly: true,
  },
  {
    words: ["data", "build-car"],
    sound: ["../honest/docs", "--out", "out"],
    options: { out: "place", drop: "text", "min-words": "count" },
    positional: "folder",
    outputs: ["out"],
  },
  {
    words: ["bench", "kernels"],
    sound: ["--rounds", "1"],
    options: { threads: "no count", rounds: "no count" },
    costly: true,
  },
  {
    words: ["doctor"],
    sound: ["--index", "../honest/index-plaid", ...STORE],
    options: { index: "folder", store: "store" },
  },
];
