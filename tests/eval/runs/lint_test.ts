import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Qrels } from "../../../datasets/dataset.ts";
import { mistakenQrels } from "../../../eval/runs/lint/known_qrels.ts";
import { type LintOptions, lintRun } from "../../../eval/runs/lint/lint.ts";
import { findCollision } from "../../../eval/runs/lint/query_facts.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const NOTHING: LintOptions = { qrels: null, queries: null, cutoffs: [2] };

/** Level, check and count of each finding, and all messages as one text. */
function lint(
  content: string,
  options: Partial<LintOptions> = {},
): { found: [string, string, number][]; text: string } {
  using folder = temporaryFolder();
  const { findings } = lintRun(folder.file("run", content), { ...NOTHING, ...options });
  return {
    found: findings.map(({ level, check, count }) => [level, check, count]),
    text: findings.map(({ message }) => message).join("\n"),
  };
}

/** A TREC run from `qid pid score` texts, ranked in their order. */
function run(...rows: readonly string[]): string {
  return rows.map((row, i) => {
    const [qid, pid, score] = row.split(" ");
    return `${qid} Q0 ${pid} ${i + 1} ${score} t\n`;
  }).join("");
}

Deno.test("lint-run finds nothing in a sound run", () => {
  deepStrictEqual(lint(run("q a 3", "q b 2", "q c 1")).found, []);
});

Deno.test("lint-run finds ties at cut-offs, those of float32 and constant scores", () => {
  deepStrictEqual(lint(run("q a 3", "q b 2", "q c 2")).found, [["warning", "tie at 2", 1]]);
  deepStrictEqual(lint(run("q a 3", "q b 2.00000001", "q c 2")).found, [["warning", "float32 tie at 2", 1]]);
  deepStrictEqual(lint(run("q a 2", "q b 2", "q c 2")).found, [["warning", "tie at 2", 1], [
    "warning",
    "constant scores",
    1,
  ]]);
});

Deno.test("lint-run counts what would stop evaluation, each with its first line", () => {
  const { found, text } = lint("q Q0 a 1 1 t\nq Q0 b 2 2 t\nq Q0 a 3 1 t\nq Q0 c 4 nan t\n");
  deepStrictEqual(found.map(([level, check]) => `${level} ${check}`), [
    "error rank order",
    "error duplicate passage",
    "error bad score",
  ]);
  for (const line of [":2:", ":3:", ":4:"]) ok(text.includes(line), line);
});

Deno.test("lint-run holds topics against judgements and queries", () => {
  const qrels: Qrels = new Map([["q", new Map([["a", 1]])], ["r", new Map([["z", 1]])]]);
  const content = run("q a 3", "q b 2", "x a 1", "y a 1");
  const all = lint(content, { qrels });
  deepStrictEqual(all.found, [
    ["warning", "missing topics", 1],
    ["warning", "extra topics", 2],
    ["note", "short rankings", 2],
    ["note", "unjudged passages", 1],
  ]);
  ok(all.text.includes("1 of 2 judged queries (50 %) are not ranked and count 0: r"));
  const known = lint(content, { qrels, queries: new Set(["x", "y"]) });
  ok(!known.found.some(([, check]) => check === "extra topics"));
});

Deno.test("lint-run says when rows are scattered, and when a query ranks its own id", () => {
  deepStrictEqual(lint(run("q a 3", "r a 2", "q b 1")).found, [["note", "short rankings", 1], [
    "note",
    "scattered rows",
    1,
  ]]);
  deepStrictEqual(lint(run("7 7 3")).found, [["note", "passage id = query id", 1]]);
});

Deno.test("ids collide that are one number", () => {
  deepStrictEqual(findCollision(["7", "12", "007"]), ["7", "007"]);
  deepStrictEqual(findCollision(["9007199254740993", "9007199254740992"]), ["9007199254740993", "9007199254740992"]);
  for (const ids of [["7", "70"], ["0", "1"], ["d7", "d07"], ["9007199254740991", "9007199254740992"]]) {
    strictEqual(findCollision(ids), null);
  }
  deepStrictEqual(lint(run("q 7 3", "q 007 2")).found, [["error", "colliding ids", 1]]);
});

Deno.test("the judgements of dev are not taken for those of dev.small", () => {
  const qrels = (topics: number, judgements: number): Qrels => {
    const lists = Array.from({ length: topics }, (_, i) => [String(i), new Map([["p", 1]])] as const);
    const map = new Map(lists);
    for (let extra = 0; extra < judgements - topics; extra++) map.get(String(extra))!.set("r", 1);
    return map;
  };
  ok(mistakenQrels(qrels(55578, 59273), 6980)?.includes("qrels.dev.small.tsv is meant"));
  strictEqual(mistakenQrels(qrels(6980, 7437), 6980), null);
  strictEqual(mistakenQrels(qrels(55578, 59273), 55578), null);
  strictEqual(mistakenQrels(qrels(6980, 7437), 43), null);
});

Deno.test("depths are counted by decade", () => {
  using folder = temporaryFolder();
  const rows = Array.from({ length: 10 }, (_, i) => `q d${i} ${10 - i}`);
  const { depths, queries } = lintRun(folder.file("run", run(...rows, "r a 1")), NOTHING);
  strictEqual(queries, 2);
  deepStrictEqual(depths, [{ from: 1, to: 9, queries: 1 }, { from: 10, to: 99, queries: 1 }]);
});
