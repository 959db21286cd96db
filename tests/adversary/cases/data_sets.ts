import { stringify } from "yaml";
import type { Case, Expectation } from "../case.ts";
import { SMALL } from "../honest_files.ts";
import { write } from "../world.ts";

const EVAL = [
  "eval",
  "--dataset",
  "data",
  "--latency",
  "off",
  "--backend",
  "bm25",
  "--out",
  "out",
  "--store",
  "../../store",
  "--quiet",
];

/** Values that a field of a description must not have. */
const OUTSIDE = [
  ...[
    "../outside/precious.txt",
    "/etc/passwd",
    "/dev/zero",
    "../../../../../../etc/passwd",
    "c.tsv/../../x",
    "./c.tsv",
    "a//b",
  ],
  ...[
    "C:\\x",
    "a\\b",
    "",
    " ",
    ".",
    "..",
    "a\nb",
    "\u001b[2J",
    "\ud800",
    "\u0000",
    "x".repeat(5000),
    "file:///etc/passwd",
  ],
] as const;
const TYPES: readonly unknown[] = [null, 0, -1, 1.5, true, [], {}, [[]], { file: 1 }, "x", "constructor", "__proto__"];
/** Ids that break the forms in which rankings are written. */
const IDS = [
  "",
  " ",
  "a b",
  "a\tb",
  "a\u00a0b",
  "\u001b[2J",
  "constructor",
  "__proto__",
  "\u2028",
  "x".repeat(5000),
  "#1",
  "\ufeffp",
  "\u0000",
];

type Tree = Record<string, unknown>;

/** Descriptions with every field out of order, files that lead outside, and ids and texts that break other formats. */
export function dataSets(): Case[] {
  return [...fields(), ...outside(), ...ids(), ...topicSets(), ...documents()];
}

function fields(): Case[] {
  const paths = [
    "name",
    "collection",
    "collection.file",
    "collection.format",
    "topics",
    "topics.0",
    "topics.0.name",
    "topics.0.queries",
  ];
  paths.push(
    "topics.0.queries.file",
    "topics.0.qrels",
    "topics.0.qrels.format",
    "topics.0.measures",
    "topics.0.measures.0",
  );
  return paths.flatMap((path) =>
    TYPES.map((value, i) =>
      caseOf(`${path} is ${JSON.stringify(value)} (${i})`, "either", described((tree) => set(tree, path, value)))
    )
  );
}

function outside(): Case[] {
  return ["collection.file", "topics.0.queries.file", "topics.0.qrels.file"].flatMap((path) =>
    OUTSIDE.map((value) => {
      const expect = ["./c.tsv", "a//b"].includes(value) ? "either" : "refused";
      return caseOf(
        `${path} leads to ${JSON.stringify(value.slice(0, 40))}`,
        expect,
        described((tree) => set(tree, path, value)),
      );
    })
  );
}

function ids(): Case[] {
  return IDS.flatMap((id) => {
    const json = JSON.stringify({ _id: id, text: "tea" });
    const lines = `${json}\n${JSON.stringify({ _id: "p1", text: "river" })}\n`;
    const jsonl = described((tree) => set(tree, "collection", { file: "c.jsonl", format: "jsonl" }));
    const queries = described((tree) => set(tree, "topics.0.queries", { file: "q.jsonl", format: "jsonl" }));
    return [
      caseOf(`passage id ${json.slice(0, 40)}`, "either", { ...jsonl, "c.jsonl": lines }),
      caseOf(`query id ${json.slice(0, 40)}`, "either", { ...queries, "q.jsonl": lines }),
      caseOf(`id ${json.slice(0, 40)} in TSV`, "either", {
        ...described(() => {}),
        "c.tsv": `${id}\ttea\np1\triver\n`,
      }),
    ];
  });
}

function topicSets(): Case[] {
  const twice = described((tree) => tree.topics = [...tree.topics as unknown[], ...tree.topics as unknown[]]);
  const many = described((tree) => tree.topics = Array.from({ length: 3000 }, () => (tree.topics as unknown[])[0]));
  const grades = ["1001", "100000000", "-1", "1e3", "1.5", "9".repeat(400), "NaN", "0x1"];
  const measures = ["constructor", "RR@0", "nope", "RR@10\n", "x".repeat(10_000), "nDCG@99999999999999999999"];
  return [
    caseOf("two topic sets of one name", "refused", twice),
    caseOf("3000 topic sets of one name", "refused", many),
    ...grades.map((grade) =>
      caseOf(`a grade of ${grade.slice(0, 20)}`, "either", { ...described(() => {}), qrels: `q1 0 p1 ${grade}\n` })
    ),
    ...measures.map((name) =>
      caseOf(`measure ${name.slice(0, 20)}`, "either", described((tree) => set(tree, "topics.0.measures", [name])))
    ),
    caseOf("a query twice", "either", { ...described(() => {}), "q.tsv": "q1\ta\nq1\tb\n" }),
    caseOf("a passage twice", "either", { ...described(() => {}), "c.tsv": "p1\ta\np1\tb\n" }),
    caseOf("no passages", "either", { ...described(() => {}), "c.tsv": "" }),
    caseOf("texts without words", "either", { ...described(() => {}), "c.tsv": "p1\t\np2\t \np3\t...\n" }),
    caseOf("one text of a megabyte", "either", { ...described(() => {}), "c.tsv": `p1\t${"tea ".repeat(250_000)}\n` }),
    caseOf("one word of a megabyte", "either", { ...described(() => {}), "c.tsv": `p1\t${"t".repeat(1_000_000)}\n` }),
    caseOf("a query of a megabyte", "either", { ...described(() => {}), "q.tsv": `q1\t${"tea ".repeat(250_000)}\n` }),
  ];
}

/** Folders of documents, which become data sets. */
function documents(): Case[] {
  const files: Readonly<Record<string, string>> = {
    "angles": "<".repeat(100_000),
    "open tags": "<div>".repeat(50_000),
    "open comments": "<!--".repeat(30_000),
    "entities": "&".repeat(100_000) + "&#99999999999;&#xd800;&#0;",
    "a deep list": Array.from({ length: 1500 }, (_, i) => `${"  ".repeat(i)}- a`).join("\n"),
    "deep quotes": `${">".repeat(20_000)} a`,
    "emphasis": "*a **b ".repeat(20_000),
    "brackets": "[".repeat(50_000),
    "links": "[a](".repeat(20_000),
    "backticks": Array.from({ length: 1000 }, (_, i) => "`".repeat(i)).join(" a "),
    "a table": `${"|a".repeat(20_000)}\n${"|-".repeat(20_000)}\n`,
    "headings": "# a\n".repeat(20_000),
    "seven levels": Array.from(
      { length: 7 },
      (_, i) => `${"#".repeat(i + 1)} h${i}\n\nsome words stand in this place\n`,
    ).join("\n"),
    "a script": "# Tea\n\n<script>while(1);</script>\n\nTea is made of hot water and of leaves.\n",
    "terminal commands": "# \u001b[2J\n\nTea is made of \u001b]0;x\u0007 hot water and of leaves.\n",
  };
  return Object.entries(files).flatMap(([what, content]) =>
    ["md", "html"].map((ending): Case => ({
      area: "data sets",
      name: `${ending} of ${what}`,
      args: ["data", "build-car", "docs", "--out", "out"],
      expect: "either",
      outputs: ["out"],
      prepare: (folder) => {
        write(`${folder}/docs/x.${ending}`, content);
        write(`${folder}/docs/tea.md`, SMALL["docs/tea.md"]);
      },
    }))
  );
}

function caseOf(name: string, expect: Expectation, files: Readonly<Record<string, string>>): Case {
  return {
    area: "data sets",
    name,
    args: EVAL,
    expect,
    outputs: ["out"],
    prepare: (folder) => Object.entries(files).forEach(([file, content]) => write(`${folder}/data/${file}`, content)),
  };
}

/** A sound data set with another description. */
function described(change: (tree: Tree) => void): Record<string, string> {
  const topics = [{
    name: "all",
    queries: { file: "q.tsv", format: "tsv" },
    qrels: { file: "qrels", format: "trec" },
    measures: ["RR@10"],
  }];
  const tree: Tree = { name: "small", collection: { file: "c.tsv", format: "tsv" }, topics };
  change(tree);
  return { "dataset.yaml": stringify(tree), "c.tsv": SMALL["c.tsv"], "q.tsv": SMALL["q.tsv"], qrels: SMALL.qrels };
}

function set(tree: Tree, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop()!;
  const holder = keys.reduce((at, key) => at[key] as Tree, tree);
  holder[last] = value;
}
