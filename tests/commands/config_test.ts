import { match, strictEqual } from "node:assert/strict";
import { checkExpectations } from "../../commands/eval/config/check_expectations.ts";
import { planCells } from "../../commands/eval/config/plan.ts";
import { readConfig } from "../../commands/eval/config/read_config.ts";
import { runConfig } from "../../commands/eval/config/run_config.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const CONFIG = "datasets: [demo-car]\nbackends: [exhaustive]\n";
const expecting = (limits: string) => `${CONFIG}expect:\n  - { cells: exhaustive, figure: ms, ${limits} }\n`;

Deno.test("a limit of 0 is a limit", async () => {
  using folder = temporaryFolder();
  for (const [limits, holds] of [["at_least: 0", true], ["at_most: 0", false], ["value: 0", false]] as const) {
    const config = readConfig(folder.file("c.yaml", expecting(limits)));
    const [planned] = planCells(config);
    const [cell] = showcaseResults().cells;
    const { checked, broken } = checkExpectations(config.expect, [{ planned, cells: [cell] }]);
    strictEqual(checked, 1, limits);
    strictEqual(broken.length, holds ? 0 : 1, limits);
  }
  const none = folder.file("d.yaml", `${CONFIG}expect:\n  - { cells: exhaustive, figure: ms }\n`);
  await expectError(() => readConfig(none), 2, none, "one of value, at_least, at_most");
});

Deno.test("an expectation that means no cell, or no topic set, is not taken for one that holds", async () => {
  using folder = temporaryFolder();
  const file = folder.file("c.yaml", `${CONFIG}expect:\n  - { cells: exhaustiv, figure: ms, at_least: 0 }\n`);
  await expectError(() => runConfig(file, ["--quiet"]), 2, file, "exhaustiv");
  const config = readConfig(folder.file("d.yaml", expecting("at_least: 0, topics: none-such")));
  const [planned] = planCells(config);
  const { broken } = checkExpectations(config.expect, [{ planned, cells: [showcaseResults().cells[0]] }]);
  strictEqual(broken.length, 1);
  match(broken[0], /none-such/);
});
