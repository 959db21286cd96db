import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { isFile, isFolder } from "../../support/paths.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli, startCli } from "./cli.ts";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Names, below a folder, of what must not be left behind. */
function leftovers(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => [
    ...(/\.partial$|^(status|partial)\.json$|^\.latebench-run\.lock$/.test(name) ? [name] : []),
    ...(isDirectory ? leftovers(join(folder, name)) : []),
  ]);
}

/** Starts a command, sends a signal when `begun`, and tells how it ended; null where it was over before. */
async function stop(task: string, args: string[], signal: Deno.Signal, begun: () => boolean) {
  const child = startCli(task, args);
  let over = false;
  const ended = child.output().then((output) => {
    over = true;
    return output;
  });
  while (!over && !begun()) await wait(5);
  if (!over) child.kill(signal);
  const { code, stderr } = await ended;
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test({
  name: "an eval that is stopped leaves results that count, and the next one goes on",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    const out = join(folder.path, "results");
    const store = join(folder.path, "store");
    const run = ["--dataset", "demo-msmarco", "--backend", "bm25", "--backend", "exhaustive", "--out", out];
    run.push("--store", store, "--k", "10", "--quiet");
    const status = join(out, "status.json");
    for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const { code, stderr } = await stop("eval", run, signal, () => isFile(status));
      strictEqual(code, expected, stderr);
      match(stderr, new RegExp(`ended by ${signal}|^$`));
      ok(!/error|at file:/.test(stderr), stderr);
    }
    const whole = await runCli("eval", run);
    strictEqual(whole.code, 0, whole.stderr);
    const results = Deno.readTextFileSync(join(out, "results.json"));
    await stop("eval", run, "SIGINT", () => isFile(status));
    await wait(100);
    strictEqual(Deno.readTextFileSync(join(out, "results.json")), results);
    const site = await runCli("report", [folder.path, "--site", join(folder.path, "site")]);
    strictEqual(site.code, 0, site.stderr);
    ok(isFile(join(folder.path, "site", "runs-results.html")), "the run that was stopped hides nothing");
    deepStrictEqual(leftovers(store), []);
  },
});

Deno.test({
  name: "an index build that is stopped leaves no index, and the next one makes it",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    const index = join(folder.path, "index");
    const store = join(folder.path, "store");
    const build = ["--dataset", "demo-msmarco", "--backend", "bm25", "--index", index, "--store", store, "--quiet"];
    const { code, stderr } = await stop("index", build, "SIGTERM", () => leftovers(folder.path).length > 0);
    ok(code === 143 || code === 0, stderr);
    deepStrictEqual(leftovers(folder.path), []);
    strictEqual(isFolder(index), code === 0);
    const whole = await runCli("index", [...build, "--force"]);
    strictEqual(whole.code, 0, whole.stderr);
    const found = await runCli("search", ["--index", index, "salary", "--store", store]);
    strictEqual(found.code, 0, found.stderr);
  },
});
