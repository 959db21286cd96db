import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Results } from "../../eval/results/schema.ts";
import { EXHIBIT_FORMATS } from "../../reports/exports/formats.ts";
import { renderReport } from "../../reports/html/report.ts";
import { groupsOf } from "../../reports/presets/exhibit.ts";
import { PRESETS } from "../../reports/presets/presets.ts";
import { PUBLISHED } from "../../reports/presets/published.ts";
import { oneSource } from "../../reports/sources.ts";
import { fakeResults } from "../fixtures/fake_results.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";

/** Re-rankers of several depths, and bars of the indexing figure. */
function measured(): Results {
  const results = showcaseResults();
  const rerankers = [10, 100].map((depth, i) => ({
    ...results.cells[i],
    system: `rerank:depth=${depth},first=bm25`,
    backend: "rerank",
    options: { depth, first: "bm25" },
    flops_per_query: { encoder: { float: 0, integer: 5 }, search: { float: depth, integer: 0 } },
  }));
  const step = { dataset: "tiny", passages: 256, rounds: 3, operations_per_passage: 1e9 };
  return {
    ...results,
    cells: [...results.cells, ...rerankers],
    indexing: [{ ...step, name: "plain loop", passages_per_minute: 100 }, {
      ...step,
      name: "+ int8",
      passages_per_minute: 650,
    }],
  };
}

Deno.test("published figures: whole, with source, place and conditions", () => {
  for (const [name, { source, place, conditions, columns, rows }] of Object.entries(PUBLISHED)) {
    ok(/^[a-z]+\d{4}[a-z]+$/.test(source) && place.includes("pp.") && conditions.length > 20, name);
    for (const { method, values } of rows) strictEqual(values.length, columns.length, `${name}: ${method}`);
  }
  const [bm25] = PUBLISHED["sigir20-table2"].rows;
  deepStrictEqual(bm25.values, [0.187, 0.195, 62, 0.592, 0.738, 0.857]);
});

Deno.test("a preset never mixes what is published with what was measured", () => {
  for (const [name, make] of Object.entries(PRESETS)) {
    const groups = groupsOf(make(oneSource(measured())));
    for (const { published, rows } of groups) {
      for (const { source } of rows) {
        if (published) strictEqual(source, PUBLISHED[name].source);
        else match(source, /tiny.*A CPU, 2 of 2 cores|tiny \/ all, 60 queries, 3 passages$/, name);
      }
    }
    if (name !== "sigir20-table3") ok(groups.some(({ published }) => !published), `${name} shows what was measured`);
  }
});

Deno.test("figure 4: operations and quality by depth, a curve for re-rankers that differ in it alone", () => {
  const { measured: rows, charts } = PRESETS["sigir20-figure4"](oneSource(measured()));
  deepStrictEqual(rows.map(({ values }) => [values.depth, values.operations]), [[10, 15], [100, 105]]);
  const [published, own] = charts;
  strictEqual(published.title, "Published");
  deepStrictEqual(own.table.rows.map(({ cells }) => cells[0]), ["rerank:first=bm25", "rerank:first=bm25"]);
});

Deno.test("figure 6 has the bars of bench indexing; table 4 what vectors take", () => {
  const [chart] = PRESETS["sigir20-figure6"](oneSource(measured())).charts;
  deepStrictEqual(chart.table.rows.map(({ cells }) => cells[0]), ["plain loop", "+ int8"]);
  const page = renderReport(oneSource({ ...measured(), cells: [], datasets: [] }));
  match(page, /<title>latebench: indexing<[\s\S]*plain loop[\s\S]*\+ int8/);
  const [row] = PRESETS["sigir20-table4"](oneSource(fakeResults())).measured;
  strictEqual(row.values["index, GiB"], 1000 / 2 ** 30);
});

Deno.test("results without any figure of a preset are no error: the page says so", () => {
  for (const make of Object.values(PRESETS)) {
    const page = EXHIBIT_FORMATS.html(make(oneSource({ ...fakeResults(), cells: [] })));
    match(page, /<title>/);
  }
  match(EXHIBIT_FORMATS.html(PRESETS["sigir20-figure6"](oneSource(fakeResults()))), /hold nothing of this figure/);
});

Deno.test("presets export: LaTeX cites, Markdown names the paper, CSV tells the kinds apart", () => {
  const exhibit = PRESETS["sigir20-table1"](oneSource(measured()));
  match(EXHIBIT_FORMATS.latex(exhibit), /\\texttt\{KNRM\} & \\cite\{khattab2020colbert\} & 0\.198/);
  match(EXHIBIT_FORMATS.latex(exhibit), /\\midrule\n\\multicolumn\{6\}\{@\{\}l\}\{\\emph\{measured\}\}/);
  match(EXHIBIT_FORMATS.markdown(exhibit), /\| `KNRM` \| \[khattab2020colbert\] \| 0\.198/);
  match(EXHIBIT_FORMATS.csv(exhibit), /^exhibit,kind,name,source,RR@10,"RR@10, eval",ms,operations\n/);
  match(EXHIBIT_FORMATS.csv(exhibit), /sigir20-table1,measured,"rerank:depth=10,first=bm25",/);
  match(EXHIBIT_FORMATS.bibtex(exhibit), /^@inproceedings\{khattab2020colbert,/);
  strictEqual(JSON.parse(EXHIBIT_FORMATS.json(exhibit)).published.rows.length, 8);
});

Deno.test("papers' columns hold the official level of relevance, and the row says which", () => {
  const results = fakeResults();
  const cells = results.cells.map((cell) => ({
    ...cell,
    official_measures: ["nDCG@10", "RR(rel=2)@10"],
    mean: { "nDCG@10": 0.7, "RR(rel=2)@10": 0.25, "RR@10": 0.75 },
  }));
  const { measured: rows } = PRESETS["sigir20-table2"](oneSource({ ...results, cells }));
  strictEqual(rows[0].values["MRR@10"] ?? rows[0].values["RR@10"], 0.25);
  match(rows[0].where, /queries \(relevant from grade 2\)/);
});
