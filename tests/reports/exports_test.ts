import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { significantlyBetter } from "../../eval/comparison/significantly_better.ts";
import type { Results } from "../../eval/results/schema.ts";
import { renderBibtex } from "../../reports/exports/bibtex.ts";
import { renderCsv } from "../../reports/exports/csv.ts";
import { exportTables } from "../../reports/exports/export_table.ts";
import { escapeLatex, renderLatex } from "../../reports/exports/latex.ts";
import { exhibitTable } from "../../reports/exports/exhibit_table.ts";
import { letterOf, lettersOf } from "../../reports/leaderboard.ts";
import { PRESETS } from "../../reports/presets/presets.ts";
import { renderMarkdown } from "../../reports/exports/markdown.ts";
import { oneSource } from "../../reports/sources.ts";
import { runProgram } from "../../support/run_program.ts";
import { fakeResults } from "../fixtures/fake_results.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Three systems over 40 queries: the first is better than the second by far, the third like the first. */
function judged(): Results {
  const results = fakeResults();
  const queries = (value: (q: number) => number) =>
    Array.from({ length: 40 }, (_, q) => ({
      ...results.cells[0].queries[0],
      id: `q${q}`,
      measures: { "nDCG@10": value(q), "RR@10": 0.5 },
    }));
  const noise = (q: number) => ((q * 7919) % 13) / 130;
  const [one, two] = results.cells;
  const cells = [
    { ...one, queries: queries((q) => 0.7 + noise(q)) },
    { ...two, queries: queries((q) => 0.5 + noise(q + 1)) },
    { ...one, system: "three_&_more", queries: queries((q) => 0.7 + noise(q + 2)), ties: {} },
  ];
  return { ...results, cells };
}

Deno.test("significance: the better of two systems is told, chance is not", () => {
  const beaten = significantlyBetter(judged().cells, ["nDCG@10", "RR@10"]);
  deepStrictEqual(beaten.get("nDCG@10"), [[1], [], [1]]);
  deepStrictEqual(beaten.get("RR@10"), [[], [], []]);
});

Deno.test("tables: one unit a column, best and second, letters, and conditions", () => {
  const [{ columns: titles, groups: [{ rows }], notes }] = exportTables(oneSource(judged()));
  deepStrictEqual(titles.slice(0, 2), ["nDCG@10", "ms/query"], "the official measure, and costs");
  ok(titles.includes("FLOPs/query [M]") && titles.includes("index [B]"), titles.join());
  deepStrictEqual(rows.map(({ lead }) => lead[0]), ["a", "b", "c"]);
  const [first, second] = rows.map(({ cells }) => cells[0]);
  deepStrictEqual([first.text, first.best, first.beats], ["0.7000", true, "b"]);
  deepStrictEqual([second.text, second.best, second.second, second.beats], ["0.5000", false, true, ""]);
  strictEqual(rows[0].cells[titles.indexOf("FLOPs/query [M]")].text, "2.00");
  ok(notes.some((note) => note.includes("2 judged queries")));
});

Deno.test("Markdown, CSV and BibTeX", () => {
  const results = judged();
  const markdown = renderMarkdown(exportTables(oneSource(results)));
  match(markdown, /^### tiny \/ all, 2 queries$/m);
  match(markdown, /\| a \| `one` \| ~?\*\*0\.7000\*\*<sup>b<\/sup> \|/);
  const [head, ...lines] = renderCsv(oneSource(results)).trim().split("\n");
  strictEqual(lines.length, 3);
  const row = Object.fromEntries(head.split(",").map((name, i) => [name, lines[0].split(",")[i]]));
  deepStrictEqual([row.system, row["nDCG@10"], row["index"], row.queries], ["one", "0.7", "1000", "2"]);
  const supplied = renderCsv(oneSource(fakeResults())).trim().split("\n")[3].split(",");
  strictEqual(supplied[head.split(",").indexOf("index")], "", "no figure: empty");
  strictEqual(renderBibtex(oneSource(results)), "", "nothing of this has to be cited");
  const cited = renderBibtex(oneSource({ ...results, cells: [{ ...results.cells[0], backend: "plaid" }] }));
  deepStrictEqual(cited.match(/@\w+\{\w+/g), [
    "@inproceedings{santhanam2022colbertv2",
    "@inproceedings{santhanam2022plaid",
  ]);
});

Deno.test("LaTeX escapes its own characters", () => {
  strictEqual(
    escapeLatex("a_b & 50% of {x}~^\\"),
    "a\\_b \\& 50\\% of \\{x\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{}",
  );
  match(renderLatex(exportTables(oneSource(judged()))), /\\texttt\{three\\_\\&\\_more\}/);
});

/** Finds the packages that the tables want. */
const latex = await runProgram("kpsewhich", ["siunitx.sty", "booktabs.sty"]);
const compiles = latex.ok && latex.output.trim().split("\n").length === 2;

Deno.test({
  name: `LaTeX compiles with pdflatex alone${compiles ? "" : " (skipped: no pdflatex with siunitx and booktabs here)"}`,
  ignore: !compiles,
  async fn() {
    using folder = temporaryFolder();
    const packages = ["[T1]{fontenc}", "{booktabs}", "{siunitx}"].map((name) => `\\usepackage${name}`).join("\n");
    const presets = Object.values(PRESETS).map((make) => exhibitTable(make(oneSource(judged()))));
    const body = renderLatex([
      ...exportTables(oneSource(judged())),
      ...exportTables(oneSource(fakeResults())),
      ...presets,
    ]);
    const file = folder.file(
      "t.tex",
      `\\documentclass{article}\n${packages}\n\\begin{document}\n${body}\n\\end{document}\n`,
    );
    const args = ["-halt-on-error", "-interaction=nonstopmode", `-output-directory=${folder.path}`, file];
    const { ok: compiled, output } = await runProgram("pdflatex", args);
    ok(compiled, output.split("\n").filter((line) => line.startsWith("!")).join("\n"));
    ok(Deno.statSync(join(folder.path, "t.pdf")).size > 1000);
  },
});

Deno.test("letters of systems never repeat, and are told apart where they have two letters", () => {
  deepStrictEqual([0, 25, 26, 27, 51, 52, 701, 702].map(letterOf), ["a", "z", "aa", "ab", "az", "ba", "zz", "aaa"]);
  strictEqual(new Set(Array.from({ length: 2000 }, (_, system) => letterOf(system))).size, 2000);
  strictEqual(lettersOf([2, 0, 1], 3), "abc");
  strictEqual(lettersOf([27, 0, 3], 28), "a,d,ab");
});

Deno.test("few float operations are not best where the work is done on integers", () => {
  const results = judged();
  const work = [{ float: 5e6, integer: 0 }, { float: 1e6, integer: 9e7 }, { float: 6e6, integer: 1e6 }];
  const cells = results.cells.map((cell, i) => ({
    ...cell,
    flops_per_query: { encoder: { float: 0, integer: 0 }, search: work[i] },
  }));
  const [{ columns, groups: [{ rows }] }] = exportTables(oneSource({ ...results, cells }));
  const flops = columns.findIndex((title) => title.startsWith("FLOPs/query"));
  deepStrictEqual(rows.map(({ cells }) => cells[flops]).map(({ best, second }) => [best, second]), [
    [true, false],
    [false, false],
    [false, true],
  ]);
  ok(rows.every(({ cells }) => !cells[flops + 1].best), "integer operations alone are marked nowhere");
});
