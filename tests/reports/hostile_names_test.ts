import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
// @ts-types="@types/d3-dsv"
import { csvParse } from "d3-dsv";
import { marked } from "marked";
import { defaultTreeAdapter, type DefaultTreeAdapterTypes, parse } from "parse5";
import { renderCells } from "../../commands/eval/live/terminal_table.ts";
import { compareSystems } from "../../eval/comparison/compare.ts";
import type { Results } from "../../eval/results/schema.ts";
import { renderComparison } from "../../reports/comparison.ts";
import { FORMATS } from "../../reports/exports/formats.ts";
import { escapeLatex } from "../../reports/exports/latex.ts";
import { escapeMarkdown } from "../../reports/exports/markdown.ts";
import { renderReport } from "../../reports/html/report.ts";
import { makeLeaderboards } from "../../reports/leaderboard.ts";
import { queryChart } from "../../reports/sections/query_chart.ts";
import { renderSite } from "../../reports/site/site.ts";
import { oneSource } from "../../reports/sources.ts";
import { renderLeaderboard } from "../../reports/terminal.ts";
import { fakeResults } from "../fixtures/fake_results.ts";

const HOSTILE = [
  "<script>alert(1)</script>",
  "</script><img src=x onerror=alert(1)>",
  '" onmouseover="alert(1)',
  "' autofocus onfocus='alert(1)",
  "[x](javascript:alert(1))",
  "![x](http://evil.example/x.png)",
  "<javascript:alert(1)>",
  "http://evil.example/",
  "www.evil.example",
  '=HYPERLINK("http://evil.example")',
  "+1+cmd|'/c calc'!A0",
  "-2+3",
  "@SUM(1)",
  " =1+1",
  "＝1+1",
  "%\\input{/etc/passwd}",
  "\\write18{rm}",
  "a}b{c$d&e#f^g~h_i",
  "`code` | a|b \\| c",
  "**bold** _it_ ~~gone~~",
  "# heading",
  "\u001b]0;title\u0007\u001b[2J",
  "\u009b31m\u202egnp",
  "two\nlines\r\n\r\nthree",
  "constructor",
  "&lt;b&gt;",
  "%",
  "&",
  "*",
];

/** Results in which every name is `name`. */
function named(name: string): Results {
  const results = fakeResults();
  const [one, two] = results.cells;
  const queries = (value: number) => [{ ...one.queries[0], id: name, measures: { [name]: value } }];
  const cells = [one, two].map((cell, c) => ({
    ...cell,
    dataset: name,
    topics: name,
    system: c === 0 ? name : `${name} 2`,
    official_measures: [name],
    mean: { [name]: 0.5 - c / 10 },
    ties: {},
    tie_rule: name,
    queries: queries(0.5 - c / 10),
    missing_queries: [name],
    judged_queries: 1,
  }));
  const [dataset] = results.datasets;
  return {
    ...results,
    cells,
    datasets: [{
      ...dataset,
      name,
      title: name,
      licence: name,
      topics: [{ ...dataset.topics[0], name, query_texts: { [name]: name } }],
      passage_texts: { [name]: name, p1: name },
    }],
    failures: [{ dataset: name, system: name, error: name }],
  };
}

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

const all = (node: DefaultTreeAdapterTypes.Node): DefaultTreeAdapterTypes.Element[] => {
  const own = defaultTreeAdapter.isElementNode(node) ? [node] : [];
  const children = "childNodes" in node ? node.childNodes : [];
  return [...own, ...children.flatMap(all)];
};

Deno.test("HTML: a name is text, whatever it holds", () => {
  const expected = kindsOf(named("plain"));
  for (const name of HOSTILE) {
    const results = named(name);
    for (const html of [renderReport(oneSource(results)), ...renderSite(oneSource(results)).values()]) {
      const elements = all(parse(html));
      strictEqual(elements.filter(({ tagName }) => tagName === "script").length, 1, name);
      for (const { tagName, attrs } of elements) {
        ok(
          tagName !== "img" && tagName !== "iframe" && tagName !== "base" && tagName !== "form",
          `${name}: ${tagName}`,
        );
        for (const attr of attrs) {
          ok(!attr.name.startsWith("on") && attr.name !== "autofocus", `${name}: ${attr.name}`);
          if (attr.name === "href") match(attr.value, /^[A-Za-z0-9._=-]+\.html$/, name);
        }
      }
    }
    deepStrictEqual(kindsOf(results), expected, name);
  }
});

/** The elements of a report that names could add to. */
function kindsOf(results: Results): Record<string, number> {
  const kinds = all(parse(renderReport(oneSource(results)))).map(({ tagName }) => tagName);
  const counted = Object.entries(Object.groupBy(kinds, (kind) => kind)).map(([kind, own]) => [kind, own!.length]);
  return Object.fromEntries(counted.filter(([kind]) => kind !== "line" && kind !== "text"));
}

Deno.test("CSV: no cell is a formula, numbers stay numbers", () => {
  for (const name of HOSTILE) {
    const csv = FORMATS.csv(oneSource(named(name)));
    const rows = csvParse(csv);
    strictEqual(rows.length, 2, name);
    strictEqual(csv.trimEnd().split("\n").length, 3, name);
    for (const cell of [...rows.columns, ...rows.flatMap((row) => Object.values(row))]) {
      ok(!/^\s*[=+\-@＝]/.test(cell) || /^-?\d+(\.\d+)?(e-?\d+)?$/.test(cell), `${name}: ${cell}`);
      doesNotMatch(cell, STEERS, name);
    }
  }
  const results = named("plain");
  results.cells[0].mean.plain = -0.5;
  match(FORMATS.csv(oneSource(results)), /,-0\.5,/);
});

Deno.test("Markdown: no link, no image, no HTML, and rows of one length", () => {
  const render = (name: string) => {
    const text = FORMATS.markdown(oneSource(named(name)));
    doesNotMatch(text, STEERS, name);
    return all(parse(marked.parse(text, { async: false, gfm: true })));
  };
  const expected = Object.groupBy(render("plain name"), ({ tagName }) => tagName);
  for (const name of HOSTILE) {
    const got = Object.groupBy(render(name), ({ tagName }) => tagName);
    for (const kind of ["a", "img", "script", "h1", "h3", "li", "tr", "td", "th", "strong", "em", "del", "p", "ul"]) {
      strictEqual(got[kind]?.length ?? 0, expected[kind]?.length ?? 0, `${name}: ${kind}`);
    }
  }
  strictEqual(escapeMarkdown("p < 0.05, snake_case, a - b"), "p < 0.05, snake_case, a - b");
  strictEqual(
    escapeMarkdown("$k_1$ and $$x$$"),
    "\\$k_1\\$ and \\$\\$x\\$\\$",
    "GitHub reads formulas between dollars",
  );
});

Deno.test("LaTeX: a name ends no group, row, line or run", () => {
  const shape = (text: string) => text.split("\n").length;
  const expected = shape(FORMATS.latex(oneSource(named("plain"))));
  for (const name of HOSTILE) {
    const text = FORMATS.latex(oneSource(named(name)));
    strictEqual(shape(text), expected, name);
    doesNotMatch(text, STEERS, name);
    doesNotMatch(text, /\\(input|write18)/, name);
    let depth = 0;
    const bare = text.replace(/\\[\\{}%&#$_]/g, "").replace(/^%.*$/gm, "");
    for (const character of bare) {
      depth += character === "{" ? 1 : character === "}" ? -1 : 0;
      ok(depth >= 0, name);
    }
    strictEqual(depth, 0, name);
    doesNotMatch(bare, /[%#]/, name);
  }
  strictEqual(escapeLatex("a\nb"), "a\\textbackslash{}nb");
  for (const name of ["%", "&", "*", "\\"]) match(FORMATS.latex(oneSource(named(name))), /& \\texttt\{/);
});

Deno.test("terminal: names cannot steer it, nor add lines", () => {
  for (const name of HOSTILE) {
    const results = named(name);
    const contenders = results.cells.map((cell) => ({ name: cell.system, cell }));
    const comparison = compareSystems(contenders, contenders[0], [name], 0.01);
    const texts = [
      renderLeaderboard(oneSource(results)),
      renderComparison([{ ...comparison, dataset: name, topics: name, approximations: [], agreements: [] }]),
      renderCells([{ dataset: name, system: name, state: "failed", seconds: 1, job: null, error: name }], 40),
      FORMATS.json(oneSource(results)),
    ];
    const plain = renderLeaderboard(oneSource(named("plain")));
    for (const text of texts) doesNotMatch(text, STEERS, name);
    strictEqual(texts[0].split("\n").length, plain.split("\n").length, name);
    strictEqual(texts[2].split("\n").length, 6, name);
  }
});

Deno.test("texts are looked up by ids that every object has, too", () => {
  const results = named("constructor");
  results.datasets[0].topics[0].query_texts = {};
  results.datasets[0].passage_texts = {};
  const [board] = makeLeaderboards(oneSource(results));
  strictEqual(board.queryTexts.get("constructor"), undefined);
  ok(queryChart(board).length > 0);
  doesNotMatch(renderReport(oneSource(results)), /\[native code\]|\[object/);
});
