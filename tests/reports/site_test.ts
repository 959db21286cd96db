import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import type { RunStatus } from "../../eval/results/status_schema.ts";
import type { Results } from "../../eval/results/schema.ts";
import { renderReport } from "../../reports/html/report.ts";
import { makeLeaderboards, placesIn } from "../../reports/leaderboard.ts";
import { historiesOf } from "../../reports/site/history.ts";
import { renderSite } from "../../reports/site/site.ts";
import { fakeResults } from "../fixtures/fake_results.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";

/** The showcase again, some time later: one system worse, one slower, one with a smaller index. */
function later(change: (results: Results) => void): Results {
  const results = structuredClone(showcaseResults());
  results.environment.started = "2026-02-02T03:04:05.678Z";
  results.environment.commit = "def";
  change(results);
  return results;
}

const worse = later(({ cells }) => {
  for (const query of cells[0].queries) query.measures["RR@10"] *= 0.5;
  cells[0].mean["RR@10"] *= 0.5;
  for (const point of cells[1].latency!.with_encoding.percentiles) point.ms *= 1.2;
  cells[2].footprint!.disk_bytes -= 1000;
});

Deno.test("histories: what became worse, slower or smaller from run to run, oldest first", () => {
  const sources = [{ name: "b", results: worse }, { name: "a", results: showcaseResults() }];
  const [exhaustive, plaid, nbits4] = historiesOf(sources);
  deepStrictEqual(exhaustive.entries.map(({ source }) => source.name), ["a", "b"]);
  const verdicts = (history: typeof exhaustive) => {
    return Object.fromEntries(history.entries[1].changes.map(({ what, verdict }) => [what, verdict]));
  };
  deepStrictEqual(verdicts(exhaustive), {
    "RR@10": "worse",
    "R@1000": "same",
    "median ms": "same",
    "index bytes": "same",
  });
  deepStrictEqual(verdicts(plaid), { "RR@10": "same", "R@1000": "same", "median ms": "worse", "index bytes": "same" });
  strictEqual(verdicts(nbits4)["index bytes"], "better");
});

Deno.test("times of different machines are never compared: no best one, a mark, a note", () => {
  const other = later(({ environment }) => void (environment.cpu = "Another CPU"));
  const sources = [{ name: "a", results: showcaseResults() }, { name: "b", results: other }];
  const [board] = makeLeaderboards(sources);
  strictEqual(board.cells.length, 8);
  ok(board.cells.some(({ system }) => system === "plaid [b]"));
  const times = board.columns.filter(({ title }) => title.includes("†"));
  deepStrictEqual(times.map((column) => placesIn(column, board.cells).every((place) => place === null)), [true, true]);
  ok(board.notes.some((note) => note.startsWith("†: times of different machines")));
  match(renderReport(sources), /†: times of different machines/);
  strictEqual(
    historiesOf(sources)[0].entries[1].changes.find(({ what }) => what === "median ms")!.verdict,
    "not comparable",
  );
  const [same] = makeLeaderboards([sources[0], { name: "b", results: worse }]);
  ok(same.columns.every(({ title }) => !title.includes("†")));
});

Deno.test("results over other passages or judgements stand apart", () => {
  const other = fakeResults();
  other.datasets[0].topics[0].qrels_hash = "f00d";
  const boards = makeLeaderboards([{ name: "a", results: fakeResults() }, { name: "b", results: other }]);
  deepStrictEqual(boards.map(({ cells }) => cells.length), [3, 3]);
  ok(boards.every(({ cells }) => cells.every(({ system }) => !system.includes("["))));
});

Deno.test("a site: every link leads to a page, the newest figures are on the front, the same results give the same bytes", () => {
  const sources = [{ name: "a", results: showcaseResults() }, { name: "sub/b", results: worse }];
  const pages = renderSite(sources);
  deepStrictEqual([...renderSite(sources)], [...pages]);
  for (const [path, page] of pages) {
    for (const [, link] of page.matchAll(/href="([^"]+)"/g)) ok(pages.has(link), `${path} links to ${link}`);
    doesNotMatch(page, /http-equiv="refresh"/);
  }
  deepStrictEqual([...pages.keys()].filter((path) => path.startsWith("runs-")), ["runs-a.html", "runs-sub_b.html"]);
  const value = worse.cells[0].mean["RR@10"].toFixed(4);
  match(pages.get("index.html")!, new RegExp(`>\\s*${value}`));
  match(pages.get("changes.html")!, /What became worse\.[\s\S]*exhaustive[\s\S]*RR@10[\s\S]*What became better/);
  match(pages.get("systems-exhaustive.html")!, /a → sub\/b/);
});

Deno.test("a site of a run that goes on shows its cells, and loads itself again", () => {
  const status: RunStatus = {
    format: "latebench-status",
    command: ["eval"],
    started: "2026-01-01T00:00:00.000Z",
    updated: "2026-01-01T00:00:10.000Z",
    cells: [
      { dataset: "tiny", system: "bm25", state: "done", seconds: 3, job: null, error: null },
      {
        dataset: "tiny",
        system: "plaid",
        state: "running",
        seconds: 2,
        job: { label: "encode tiny", done: 10, total: 30, unit: "passages", seconds: 2 },
        error: null,
      },
    ],
  };
  const index = renderSite([], [{ name: "now", status }]).get("index.html")!;
  match(index, /http-equiv="refresh" content="5"/);
  match(index, /1 of 2 cells done, 0 failed/);
  match(index, /encode tiny: 10\/30 passages, 5\.0 passages\/s, 4 s left/);
});
