import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { frontier } from "../../reports/charts/scatter.ts";
import { formatBytes, formatFlops, formatMs } from "../../reports/format.ts";
import { renderReport } from "../../reports/html/report.ts";
import { makeLeaderboards } from "../../reports/leaderboard.ts";
import { renderLeaderboard } from "../../reports/terminal.ts";
import { oneSource } from "../../reports/sources.ts";
import { fakeResults } from "../fixtures/fake_results.ts";

Deno.test("the same results give the same bytes", () => {
  strictEqual(renderReport(oneSource(fakeResults())), renderReport(oneSource(fakeResults())));
});

Deno.test("the report needs no network and no other file, and its policy lets its own script alone run", () => {
  const report = renderReport(oneSource(fakeResults()));
  const markup = report.replace(/<script>[\s\S]*?<\/script>/, "");
  doesNotMatch(markup, /<script|<link|<img|@import|url\(|\son[a-z]+=/i);
  deepStrictEqual([...new Set(report.match(/https?:\/\/[^"< ]*/g) ?? [])], ["http://www.w3.org/2000/svg"]);
  const [, script] = report.match(/<script>([\s\S]*?)<\/script>/)!;
  const hash = createHash("sha256").update(script).digest("base64");
  ok(report.includes(`default-src &#39;none&#39;`) && report.includes(`script-src &#39;sha256-${hash}&#39;`));
  strictEqual(report.match(/<script>/g)?.length, 1);
});

Deno.test("texts of queries, passages and names cannot break out of the page", () => {
  const results = fakeResults();
  results.datasets[0].topics[0].query_texts["q1"] = '<script>alert("1")</script>';
  results.datasets[0].passage_texts["p1"] = "</table><b>&";
  results.cells[0].system = 'a"><i>';
  const report = renderReport(oneSource(results));
  doesNotMatch(report, /<script>alert|<i>|<\/table><b>/);
  match(report, /&lt;script&gt;/);
});

Deno.test("every mean of the results stands in the page and in the terminal's table", () => {
  const results = fakeResults();
  const texts = [renderReport(oneSource(results)), renderLeaderboard(oneSource(results))];
  for (const cell of results.cells) {
    for (const value of Object.values(cell.mean)) for (const text of texts) ok(text.includes(value.toFixed(4)));
  }
});

Deno.test("the best value of a column is marked, whichever direction is better", () => {
  const [board] = makeLeaderboards(oneSource(fakeResults()));
  const text = renderLeaderboard(oneSource(fakeResults()));
  strictEqual(board.columns[0].title, "nDCG@10"); // the official measure comes first
  match(text, /0\.7000\*/);
  match(text, /2\.00\*/);
  match(text, /–/); // supplied runs have no times
  match(text, /2 judged queries are the denominator/);
});

Deno.test("a value is marked whose ties reach further than the next system", () => {
  const results = fakeResults();
  doesNotMatch(renderLeaderboard(oneSource(results)), /~/); // ranges of 0.02 around 0.7, 0.5 and 0.25
  match(renderReport(oneSource(results)), /What other orders of passages with equal scores/);
  const range = { min: 0.45, expected: 0.5, max: 0.72, exact: true };
  results.cells[1].ties["nDCG@10"] = range;
  const table = renderLeaderboard(oneSource(results));
  match(table, /~0\.5000/);
  doesNotMatch(table, /~0\.(7|25)/);
  match(table, /~: passages with equal scores/);
  match(renderReport(oneSource(results)), />~0\.5000</);
});

Deno.test("the Pareto frontier leaves out what another system beats in both", () => {
  const points = [[3, 0.5], [1, 0.2], [2, 0.6], [4, 0.9], [5, 0.9]].map(([x, y]) => ({ label: "", x, y }));
  deepStrictEqual(frontier(points).map(({ x, y }) => [x, y]), [[1, 0.2], [2, 0.6], [4, 0.9]]);
});

Deno.test("figures carry units", () => {
  deepStrictEqual([formatBytes(0), formatBytes(1023), formatBytes(1536), formatBytes(596e6)], [
    "0 B",
    "1023 B",
    "1.50 KiB",
    "568 MiB",
  ]);
  deepStrictEqual([formatFlops(0), formatFlops(1_470_000_000), formatFlops(357)], ["0", "1.47 G", "357"]);
  deepStrictEqual([formatMs(0.0123), formatMs(12.34), formatMs(1234.5)], ["0.0123", "12.3", "1235"]);
});
