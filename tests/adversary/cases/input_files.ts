import { spreadRandom } from "../spread_random.ts";
import type { Case } from "../case.ts";
import { carFiles, SMALL } from "../honest_files.ts";
import { mutateBytes } from "../indexes/mutate.ts";
import { write } from "../world.ts";
import { hostileContents, hostileTrees } from "./contents.ts";

/** A command that reads a file of some format. */
interface Reader {
  readonly format: string;
  /** A sound file of it. */
  readonly sound: Uint8Array;
  /** Name of the hostile file, since some formats go by names. */
  readonly name: string;
  readonly args: readonly string[];
  readonly outputs?: readonly string[];
  /** Files beside the hostile one. */
  readonly beside?: Readonly<Record<string, string | Uint8Array>>;
  readonly tree?: boolean;
}

const MUTANTS = 12;

/** Every format: contents that are hostile to any reader, and small injuries of a sound file. */
export function inputFiles(seed: number): Case[] {
  return readers().flatMap((reader) => [...hostile(reader), ...injured(reader, seed)]);
}

function hostile(reader: Reader): Case[] {
  const contents = { ...hostileContents(reader.sound), ...reader.tree ? hostileTrees() : {} };
  return Object.entries(contents).map(([what, bytes]) => caseOf(reader, "input files", what, bytes));
}

function injured(reader: Reader, seed: number): Case[] {
  const random = spreadRandom(`${reader.format} ${seed}`);
  const below = (n: number) => Math.floor(random() * n);
  return Array.from({ length: MUTANTS }, () => {
    const [how, bytes] = mutateBytes(reader.sound, below);
    return caseOf(reader, "mutated inputs", how, bytes);
  });
}

function caseOf(
  { format, name, args, outputs, beside = {} }: Reader,
  area: Case["area"],
  what: string,
  bytes: Uint8Array,
): Case {
  return {
    area,
    name: `${format}: ${what}`,
    args,
    expect: "either",
    outputs,
    prepare(folder) {
      for (const [path, content] of Object.entries(beside)) write(`${folder}/${path}`, content);
      write(`${folder}/${name}`, bytes);
    },
  };
}

function readers(): Reader[] {
  const { qrels, ...small } = SMALL;
  const honest = Object.fromEntries(
    Object.entries({ ...small, qrels }).map(([name, content]) => [name, encode(content)]),
  );
  const car = carFiles();
  const metrics = (run: string, ...more: string[]) => ["metrics", "--qrels", "../honest/qrels", "--run", run, ...more];
  const build = ["--backend", "bm25", "--index", "out", "--store", "../../store", "--quiet"];
  const index = ["out", "out.lock"];
  const small3 = ["--latency", "off", "--backend", "bm25", "--out", "out", "--store", "../../store", "--quiet"];
  return [
    {
      format: "qrels",
      sound: honest.qrels,
      name: "x",
      args: ["metrics", "--qrels", "x", "--run", "../honest/run.trec"],
    },
    { format: "run", sound: honest["run.trec"], name: "x", args: metrics("x") },
    { format: "run, lenient", sound: honest["run.trec"], name: "x", args: metrics("x", "--lenient", "--ties") },
    {
      format: "run for trec_eval",
      sound: honest["run.trec"],
      name: "x",
      args: metrics("x", "--compat", "trec_eval@9"),
    },
    { format: "MS MARCO run", sound: honest["run.msmarco"], name: "x", args: metrics("x", "--compat", "msmarco") },
    { format: "ColBERT run", sound: honest["run.colbert"], name: "x", args: metrics("x") },
    { format: "JSON run", sound: honest["run.json"], name: "x.json", args: metrics("x.json"), tree: true },
    { format: "run to lint", sound: honest["run.trec"], name: "x", args: ["metrics", "lint-run", "x"] },
    {
      ...{ format: "run to convert", sound: honest["run.trec"], name: "x", outputs: ["out"] },
      args: ["metrics", "convert", "x", "--to", "msmarco", "--out", "out"],
    },
    {
      format: "TSV",
      sound: honest["c.tsv"],
      name: "x.tsv",
      args: ["index", "--collection", "x.tsv", ...build],
      outputs: index,
    },
    {
      ...{ format: "JSONL", sound: honest["c.jsonl"], name: "x.jsonl", outputs: index, tree: true },
      args: ["index", "--collection", "x.jsonl", ...build],
    },
    {
      ...{ format: "queries", sound: honest["q.tsv"], name: "x.tsv", outputs: ["out"] },
      args: ["eval", "--collection", "../honest/c.tsv", "--queries", "x.tsv", "--qrels", "../honest/qrels", ...small3],
    },
    {
      ...{ format: "BEIR qrels", sound: honest["qrels.beir"], name: "x.tsv", outputs: ["out"] },
      args: ["eval", "--collection", "../honest/c.tsv", "--queries", "../honest/q.tsv", "--qrels", "x.tsv", ...small3],
    },
    ...([["trec-sgml", "c.sgml"], ["smart", "c.smart"], ["trec-car-paragraphs", "c.cbor"]] as const).map((
      [format, file],
    ): Reader => ({
      format,
      sound: honest[file] ?? car[file],
      name: "data/x",
      args: ["data", "show", "data", "p1", "--store", "../../store"],
      beside: dataset(format, "tsv"),
    })),
    ...([["trec-sgml", "q.sgml"], ["smart", "q.smart"], ["trec-car-outlines", "q.cbor"], ["jsonl", "q.jsonl"]] as const)
      .map((
        [format, file],
      ): Reader => ({
        format: `${format} topics`,
        sound: honest[file] ?? car[file],
        name: "data/y",
        args: ["eval", "--dataset", "data", ...small3],
        outputs: ["out"],
        beside: { ...dataset("tsv", format), "data/x": SMALL["c.tsv"] },
      })),
    {
      ...{ format: "Markdown", sound: honest["docs/tea.md"], name: "docs/x.md", outputs: ["out"] },
      args: ["data", "build-car", "docs", "--out", "out"],
      beside: { "docs/other.md": SMALL["docs/tea.md"] },
    },
    {
      ...{ format: "HTML", sound: honest["docs/river.html"], name: "docs/x.html", outputs: ["out"] },
      args: ["data", "build-car", "docs", "--out", "out"],
      beside: { "docs/other.md": SMALL["docs/tea.md"] },
    },
    {
      ...{ format: "NanoBEIR", sound: encode("PAR1PAR1"), name: "nano/corpus/x.parquet", outputs: ["nano"] },
      args: ["data", "init", "nano"],
      beside: { "nano/queries/x.parquet": "PAR1", "nano/qrels/x.parquet": "PAR1" },
    },
    {
      format: "ids",
      sound: honest["ids.txt"],
      name: "x",
      args: ["search", "--index", "../honest/index-bm25", "tea", "--only", "x", "--store", "../../store"],
    },
    {
      ...{ format: "top k", sound: honest["topk.tsv"], name: "x", outputs: ["out"] },
      args: [
        "v1",
        "test",
        "--topk",
        "x",
        "--collection",
        "../honest/c.tsv",
        "--queries",
        "../honest/q.tsv",
        "--out",
        "out",
        "--store",
        "../../store",
      ],
    },
    {
      format: "results",
      sound: encode("{}"),
      name: "r/results.json",
      args: ["report", "r", "--out", "out"],
      outputs: ["out"],
      tree: true,
    },
    { format: "results to compare", sound: encode("{}"), name: "r/results.json", args: ["compare", "r"], tree: true },
    {
      ...{
        format: "one results file of several",
        sound: encode("{}"),
        name: "all/bad/results.json",
        outputs: ["out"],
        tree: true,
      },
      args: ["report", "all", "--site", "out"],
    },
    {
      ...{
        format: "status",
        sound: encode('{"state": "running"}'),
        name: "all/bad/status.json",
        outputs: ["out"],
        tree: true,
      },
      args: ["report", "all", "--site", "out"],
    },
    {
      ...{
        format: "description",
        sound: honest["data/dataset.yaml"],
        name: "data/dataset.yaml",
        outputs: ["out"],
        tree: true,
      },
      args: ["eval", "--dataset", "data", ...small3],
    },
    {
      ...{
        format: "configuration",
        sound: honest["config.yaml"],
        name: "x.yaml",
        outputs: ["out", "results"],
        tree: true,
      },
      args: ["eval", "--config", "x.yaml", "--out", "out", "--store", "../../store", "--quiet"],
    },
    {
      ...{ format: "manifest", sound: encode("{}"), name: "i/search.json", outputs: ["i"], tree: true },
      args: ["search", "--index", "i", "tea", "--store", "../../store"],
    },
    {
      format: "foreign manifest",
      sound: encode("{}"),
      name: "i/metadata.json",
      args: ["doctor", "--index", "i", "--store", "../../store"],
      tree: true,
    },
  ];
}

/** A data set whose collection is `x` and whose queries are `y`. */
function dataset(collection: string, queries: string): Record<string, string> {
  return {
    "data/dataset.yaml": SMALL["data/dataset.yaml"].replace(
      "file: c.tsv, format: tsv",
      `file: x, format: ${collection}`,
    )
      .replace("file: q.tsv, format: tsv", `file: y, format: ${queries}`),
    "data/y": SMALL["q.tsv"],
    "data/qrels": SMALL.qrels,
  };
}

function encode(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
