import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isRunning, markRunning } from "../../commands/eval/live/files.ts";
import { startRunBoard } from "../../commands/eval/live/run_board.ts";
import { findSources } from "../../commands/report/sources.ts";
import { renderSite } from "../../reports/site/site.ts";
import { isFile } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const GOOD = JSON.stringify(showcaseResults());
const names = (folder: string) => findSources([folder]).sources.map(({ name }) => name);

function statusOf(updated: Date | string): string {
  return JSON.stringify({
    format: "latebench-status",
    command: ["eval"],
    started: "2026-01-01T00:00:00.000Z",
    updated: typeof updated === "string" ? updated : updated.toISOString(),
    cells: [],
  });
}

Deno.test("results that cannot be read hide no others, and are named", async () => {
  using folder = temporaryFolder();
  folder.file("a/results.json", GOOD);
  const broken = {
    cut: GOOD.slice(0, GOOD.length / 2),
    empty: "",
    null: "null",
    list: "[]",
    old: GOOD.replace(/"version": ?\d+/, '"version":1'),
    other: '{"results": 3}',
    binary: "\0\0\0\0",
    deep: "[".repeat(100_000),
  };
  for (const [name, text] of Object.entries(broken)) folder.file(`b/${name}/results.json`, text);
  folder.file("c/status.json", "{");
  folder.file("c/results.json", GOOD);
  folder.file("d/status.json", statusOf(new Date()));
  folder.file("d/partial.json", GOOD.slice(0, 100));
  const { sources, skipped } = findSources([folder.path]);
  deepStrictEqual(sources.map(({ name }) => name), ["a", "c"]);
  strictEqual(skipped.length, Object.keys(broken).length + 2);
  strictEqual(skipped.every((line) => line.startsWith(folder.path) && !line.includes("\n")), true);
  const page = renderSite(sources, [], skipped).get("index.html")!;
  match(page, /Left out[\s\S]*b\/cut\/results\.json/);
  await expectError(() => findSources([join(folder.path, "b")]), 2, "results.json");
});

Deno.test("the status of a run that is over, died, or has a wrong clock hides no results", () => {
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  for (const updated of [minutes(-60), minutes(10), minutes(60 * 24 * 365 * 1000), "never", ""]) {
    using folder = temporaryFolder();
    folder.file("a/results.json", GOOD);
    folder.file("a/status.json", statusOf(updated));
    deepStrictEqual([names(folder.path), findSources([folder.path]).running], [["a"], []], String(updated));
  }
  using folder = temporaryFolder();
  folder.file("a/results.json", GOOD);
  folder.file("a/status.json", statusOf(new Date()));
  strictEqual(findSources([folder.path]).running.length, 1, "an earlier latebench's may go on");
  const run = markRunning(join(folder.path, "a"));
  strictEqual(findSources([folder.path]).running.length, 1);
  const other = markRunning(join(folder.path, "a"));
  run[Symbol.dispose]();
  strictEqual(isRunning(join(folder.path, "a")), true, "another run goes on");
  other[Symbol.dispose]();
  folder.file("a/.latebench-run.lock", ""); // of one that was killed
  deepStrictEqual([names(folder.path), findSources([folder.path]).running], [["a"], []]);
});

Deno.test("a run refuses a folder where others' files have the names of its own", async () => {
  const start = (out: string) => startRunBoard([], { out, quiet: true, command: [], partial: () => showcaseResults() });
  for (const name of ["status.json", "partial.json", "results.json"]) {
    using folder = temporaryFolder();
    const file = folder.file(name, '{"mine": true}');
    await expectError(() => start(folder.path), 2, file, "latebench did not write");
    strictEqual(Deno.readTextFileSync(file), '{"mine": true}');
  }
  using folder = temporaryFolder();
  folder.file("status.json", statusOf(new Date(0)));
  folder.file("results.json", GOOD);
  const board = await start(folder.path);
  strictEqual(isRunning(folder.path), true);
  board[Symbol.dispose]();
  deepStrictEqual([isRunning(folder.path), isFile(join(folder.path, "status.json"))], [null, false]);
  strictEqual(Deno.readTextFileSync(join(folder.path, "results.json")), GOOD);
});
