import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { Buffer } from "node:buffer";
import type { Browser, Page } from "playwright-core";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { renderReport } from "../../reports/html/report.ts";
import { EXHIBIT_FORMATS } from "../../reports/exports/formats.ts";
import { PRESETS } from "../../reports/presets/presets.ts";
import { renderSite } from "../../reports/site/site.ts";
import { oneSource } from "../../reports/sources.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { runProgram } from "../../support/run_program.ts";
import { findChromium, openFile, startChromium } from "../fixtures/chromium.ts";
import { largeResults } from "../fixtures/large_results.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";
import { type TemporaryFolder, temporaryFolder } from "../fixtures/temporary.ts";

const path = await findChromium();
const FONT = "DejaVu Sans";
const hasFont = (await runProgram("fc-list", [FONT])).output.includes(FONT);
const GOLDENS = fromFileUrl(new URL("./goldens/", import.meta.url));
/** Share of the pixels that may differ from a golden picture. */
const DIFFERENT = 0.005;

interface Place {
  readonly browser: Browser;
  readonly folder: TemporaryFolder;
  /** The showcase's report. */
  readonly file: string;
}

/** A test in a browser; skipped where there is none. */
function browserTest(name: string, run: (place: Place) => Promise<void>, { needsFont = false } = {}): void {
  const missing = path === null ? "no Chromium" : needsFont && !hasFont ? `no ${FONT}` : null;
  Deno.test({
    name: missing === null ? name : `${name} (skipped: ${missing} here)`,
    ignore: missing !== null,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      using folder = temporaryFolder();
      const file = folder.file("report.html", renderReport(oneSource(showcaseResults())));
      const browser = await startChromium(path!);
      try {
        await run({ browser, folder, file });
      } finally {
        await browser.close();
      }
    },
  });
}

browserTest("a report opens from its file alone: no request, nothing on the console", async ({ browser, file }) => {
  await using opened = await openFile(browser, file);
  await openAll(opened.page);
  deepStrictEqual([opened.problems, opened.requests], [[], []]);
});

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`axe finds nothing to complain about, ${colorScheme}`, async ({ browser, file }) => {
    await using opened = await openFile(browser, file, { colorScheme });
    await openAll(opened.page);
    deepStrictEqual(await violations(opened.page), []);
  });

  browserTest(`a report looks as its golden picture, ${colorScheme}`, async ({ browser, file }) => {
    await using opened = await openFile(browser, file, { colorScheme });
    await comparePicture(opened.page, `report_${colorScheme}.png`);
  }, { needsFont: true });
}

browserTest(
  "axe finds nothing to complain about in leaderboards, presets and reports of several files",
  async (place) => {
    const { browser, folder } = place;
    const sources = ["a", "b"].map((name) => ({ name, results: showcaseResults() }));
    const pages = [
      ...renderSite(sources).values(),
      renderReport(sources),
      ...Object.values(PRESETS).map((make) => EXHIBIT_FORMATS.html(make(sources))),
    ];
    for (const [p, page] of pages.entries()) {
      await using opened = await openFile(browser, folder.file(`page${p}.html`, page));
      await openAll(opened.page);
      deepStrictEqual(await violations(opened.page), [], /<title>(.*?)</.exec(page)![1]);
      deepStrictEqual([opened.problems, opened.requests], [[], []]);
    }
  },
);

browserTest("without scripts everything is there, and axe is content", async ({ browser, file }) => {
  await using withScript = await openFile(browser, file);
  await using without = await openFile(browser, file, { javaScriptEnabled: false });
  const read = (page: Page) => page.locator("td, figcaption, li, dd").allTextContents();
  const [all, left] = [await read(withScript.page), await read(without.page)];
  deepStrictEqual(left, all);
  ok(left.length > 300);
});

browserTest("tables sort by the numbers behind their figures, and filter", async ({ browser, file }) => {
  await using opened = await openFile(browser, file);
  const { page } = opened;
  const board = page.locator("table.board");
  const column = async () => {
    const values = await board.locator("tbody tr td:nth-of-type(1)").evaluateAll((cells) =>
      cells.map((cell) => Number((cell as unknown as { dataset: { v: string } }).dataset.v))
    );
    return values;
  };
  const button = board.locator("thead th:nth-of-type(2) button");
  await button.click();
  const down = await column();
  deepStrictEqual(down, [...down].sort((a, b) => b - a));
  strictEqual(await board.locator("th[aria-sort]").getAttribute("aria-sort"), "descending");
  await button.click();
  deepStrictEqual(await column(), [...down].reverse());
  await openAll(page);
  const queries = page.locator("table.queries");
  await page.getByLabel(/Filter rows: RR@10 of all/).fill("100007");
  strictEqual(await queries.locator("tbody tr:visible").count(), 1);
});

browserTest("a system that is switched off leaves charts and tables", async ({ browser, file }) => {
  await using opened = await openFile(browser, file);
  const { page } = opened;
  const shown = () => page.locator('[data-s="1"]:visible').count();
  const before = await shown();
  ok(before > 5);
  const toggle = page.getByRole("group", { name: "Systems shown" }).getByRole("button", { name: "plaid", exact: true });
  await toggle.click();
  strictEqual(await toggle.getAttribute("aria-pressed"), "false");
  strictEqual(await shown(), 0);
  await toggle.click();
  strictEqual(await shown(), before);
});

browserTest(
  "points tell their figures to mouse and keys, and dragging over some leaves these",
  async ({ browser, file }) => {
    await using opened = await openFile(browser, file);
    const { page } = opened;
    const chart = page.locator("figure").first();
    const tip = page.locator("#tip");
    await chart.locator(".mark").first().hover();
    match(await tip.textContent() ?? "", /^exhaustive: RR@10 0\.\d{4} \(0\.\d{4} … 0\.\d{4}\), ms\/query \d/);
    await chart.locator("svg").first().focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    match(await tip.textContent() ?? "", /^plaid: /);
    await page.keyboard.press("Escape");
    strictEqual(await tip.textContent(), "");

    const box = (await chart.locator(".mark").first().boundingBox())!;
    await page.mouse.move(box.x - 8, box.y - 8);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width + 8, box.y + box.height + 8, { steps: 4 });
    await page.mouse.up();
    const dimmed = await page.locator("table.board tbody tr.dim .name").allTextContents();
    ok(dimmed.includes("plaid") && !dimmed.includes("exhaustive"), dimmed.join());
  },
);

browserTest("charts and tables are saved as SVG, PNG and CSV", async ({ browser, file }) => {
  await using opened = await openFile(browser, file, { colorScheme: "dark" });
  const { page } = opened;
  const save = async (name: string) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("figure").first().getByRole("button", { name }).first().click(),
    ]);
    return { name: download.suggestedFilename(), bytes: Deno.readFileSync(await download.path()) };
  };
  const svg = await save("SVG");
  const text = new TextDecoder().decode(svg.bytes);
  match(svg.name, /^RR@10_against_ms_query.*\.svg$/);
  match(text, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  match(text, /fill="rgb\(0, 114, 178\)"/); // the light colour, also from a dark page
  const png = PNG.sync.read(Buffer.from((await save("PNG")).bytes));
  strictEqual(png.width, 3 * 460);
  const csv = new TextDecoder().decode((await save("CSV")).bytes);
  const { cells: [cell] } = showcaseResults();
  ok(csv.startsWith("system,ms/query,RR@10,95 % from,to\n"), csv);
  ok(csv.includes(`exhaustive,${cell.latency!.with_encoding.mean_ms},${cell.mean["RR@10"]},`), csv);
  deepStrictEqual(opened.problems, []);
});

browserTest("a report prints as vectors on several numbered pages, details included", async ({ browser, file }) => {
  await using opened = await openFile(browser, file);
  const pdf = new TextDecoder("latin1").decode(await opened.page.pdf({ preferCSSPageSize: true }));
  ok(pdf.startsWith("%PDF"));
  const pages = Number(/\/Count (\d+)/.exec(pdf)![1]);
  ok(pages >= 4, `${pages} pages`);
  strictEqual(/\/Subtype ?\/Image/.test(pdf), false, "charts are no pictures");
  await opened.page.emulateMedia({ media: "print" });
  ok(await opened.page.getByText("Single stream: one query at a time").isVisible(), "closed details are printed too");
});

browserTest("a run of ten systems over 6,980 queries: below 2 MB, shown in below 2 s", async ({ browser, folder }) => {
  const report = renderReport(oneSource(largeResults(6980, 10)));
  ok(report.length < 2e6, `${report.length} bytes`);
  const file = folder.file("large.html", report);
  await using opened = await openFile(browser, file);
  const loaded = await opened.page.evaluate(() => performance.getEntriesByType("navigation")[0].toJSON().loadEventEnd);
  ok(loaded < 2000, `${loaded} ms`);
});

/** Opens everything that can be opened. */
async function openAll(page: Page): Promise<void> {
  await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
}

/** What axe says, one line for each kind. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(Deno.readTextFileSync(fromFileUrl(new URL(import.meta.resolve("axe-core/axe.min.js")))));
  const result: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
    'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return result.map(({ id, nodes }) => `${id}: ${nodes.length} times, ${nodes[0].html.slice(0, 200)}`);
}

/** Compares the window with a golden picture; `UPDATE_GOLDENS=1` makes it anew. */
async function comparePicture(page: Page, name: string): Promise<void> {
  await page.addStyleTag({ content: `* { font-family: "${FONT}" !important; }` });
  await page.addStyleTag({ content: `body { font-size: 15px; }` });
  const bytes = await page.screenshot();
  const golden = join(GOLDENS, name);
  if (Deno.env.get("UPDATE_GOLDENS") === "1") Deno.writeFileSync(golden, bytes);
  const [found, expected] = [PNG.sync.read(bytes), PNG.sync.read(Buffer.from(Deno.readFileSync(golden)))];
  deepStrictEqual([found.width, found.height], [expected.width, expected.height]);
  const different = pixelmatch(found.data, expected.data, undefined, found.width, found.height, { threshold: 0.2 });
  const share = different / (found.width * found.height);
  ok(share <= DIFFERENT, `${(100 * share).toFixed(2)} % of the pixels differ from ${golden}`);
}
