import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { renderReport } from "../../reports/html/report.ts";
import { oneSource } from "../../reports/sources.ts";
import { fromFileUrl, isFile } from "../../support/paths.ts";
import { largeResults } from "../fixtures/large_results.ts";
import { figuresOf, misprintedFigures, unknownFigures } from "../fixtures/page_figures.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";

const results = fromFileUrl(new URL("../../results/", import.meta.url));

for (const [name, made] of [["showcase", showcaseResults()], ["large", largeResults(300, 10)]] as const) {
  Deno.test(`every figure of the ${name} report is one of its results', and is printed as it is`, () => {
    const page = renderReport(oneSource(made));
    ok(figuresOf(page).length > 200);
    deepStrictEqual(unknownFigures(page, made), []);
    deepStrictEqual(misprintedFigures(page), []);
  });
}

Deno.test("a figure that is not in the results is found out, and one that is printed wrongly", () => {
  const made = showcaseResults();
  const page = renderReport(oneSource(made));
  const [board] = made.cells;
  const value = String(board.mean["RR@10"]);
  deepStrictEqual(
    unknownFigures(page.replace(`data-v="${value}"`, 'data-v="0.123456"'), made).map(({ value }) => value),
    [
      0.123456,
    ],
  );
  const printed = board.mean["RR@10"].toFixed(4);
  const wrong = page.replace(new RegExp(`(data-v="${value}"[^>]*>\\s*)${printed}`), "$19.9999");
  deepStrictEqual(misprintedFigures(wrong).map(({ text }) => text), ["9.9999"]);
});

for (const name of ["msmarco-dl19", "trec-car"]) {
  const file = join(results, name, "results.json");
  const known = isFile(file);
  Deno.test({
    name: `every figure of the page of ${name} is one of its results'${known ? "" : " (skipped: not measured here)"}`,
    ignore: !known,
    fn() {
      const found = readResults(file);
      const page = renderReport(oneSource(found));
      deepStrictEqual(unknownFigures(page, found), []);
      deepStrictEqual(misprintedFigures(page), []);
    },
  });
}
