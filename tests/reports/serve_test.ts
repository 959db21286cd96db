import { deepStrictEqual, doesNotMatch, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { siteApp } from "../../commands/report/serve.ts";
import { watchSources } from "../../commands/report/sources.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const PORT = 8894;

function withRun() {
  const folder = temporaryFolder();
  folder.file("a/results.json", JSON.stringify(showcaseResults()));
  return folder;
}

Deno.test("a served report answers this machine's own names alone", async () => {
  using folder = withRun();
  const app = siteApp([folder.path], PORT);
  const ask = async (host: string) => (await app.request("/", { headers: { host } })).status;
  for (const host of ["localhost:8894", "127.0.0.1:8894", "[::1]:8894", "LOCALHOST:8894"]) {
    strictEqual(await ask(host), 200, host);
  }
  for (
    const host of [
      "evil.example",
      "evil.example:8894",
      "localhost",
      "localhost:80",
      "localhost.evil.example:8894",
      "127.0.0.1.nip.io:8894",
      "0.0.0.0:8894",
      "localhost:8894@evil.example",
      "",
    ]
  ) strictEqual(await ask(host), 403, host);
});

Deno.test("a served report is read only, and says what browsers may do with it", async () => {
  using folder = withRun();
  const app = siteApp([folder.path], PORT);
  const headers = { host: "localhost:8894" };
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const response = await app.request("/", { method, headers });
    deepStrictEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"], method);
  }
  for (const path of ["/", "/runs-a.html", "/nothing.html", "/%2e%2e/a/results.json", "/results.json"]) {
    const response = await app.request(path, { headers });
    const policy = response.headers.get("content-security-policy")!;
    for (const part of ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]) {
      strictEqual(policy.includes(part), true, `${path}: ${part}`);
    }
    match(policy, /script-src 'sha256-[^']+';/);
    strictEqual(response.headers.get("x-content-type-options"), "nosniff");
    strictEqual(response.status, path === "/" || path === "/runs-a.html" ? 200 : 404, path);
  }
});

Deno.test("a page on disk has base-uri and form-action in its policy too", async () => {
  using folder = withRun();
  const page = await (await siteApp([folder.path], PORT).request("/", { headers: { host: "localhost:8894" } })).text();
  match(page, /Content-Security-Policy" content="[^"]*base-uri &#39;none&#39;; form-action &#39;none&#39;"/);
});

Deno.test("results are read once, and again when their file has changed", () => {
  using folder = withRun();
  const watch = watchSources([folder.path]);
  const first = watch();
  const second = watch();
  strictEqual(second.sources[0].results, first.sources[0].results, "the same object: not read again");
  strictEqual(second.version, first.version);
  const changed = structuredClone(showcaseResults());
  changed.environment.cpu = "Another CPU";
  folder.file("a/results.json", JSON.stringify(changed));
  const third = watch();
  notStrictEqual(third.version, first.version);
  strictEqual(third.sources[0].results.environment.cpu, "Another CPU");
  folder.file("b/results.json", JSON.stringify(showcaseResults()));
  const fourth = watch();
  deepStrictEqual(fourth.sources.map(({ name }) => name), ["a", "b"]);
  strictEqual(fourth.sources[0].results, third.sources[0].results);
  Deno.removeSync(join(folder.path, "b"), { recursive: true });
  deepStrictEqual(watch().sources.map(({ name }) => name), ["a"]);
});

Deno.test("runs of one name below several folders have pages of their own", async () => {
  using folder = temporaryFolder();
  for (const top of ["one", "two"]) {
    const results = structuredClone(showcaseResults());
    results.environment.cpu = `CPU of ${top}`;
    folder.file(`${top}/a/results.json`, JSON.stringify(results));
  }
  const folders = ["one", "two"].map((name) => join(folder.path, name));
  const app = siteApp(folders, PORT);
  const get = async (path: string) => await (await app.request(path, { headers: { host: "localhost:8894" } })).text();
  const paths = [...(await get("/")).matchAll(/href="(runs-[^"]+)"/g)].map(([, path]) => path);
  strictEqual(new Set(paths).size, 2);
  const pages = await Promise.all(paths.map((path) => get(`/${path}`)));
  match(pages[0], /CPU of one/);
  match(pages[1], /CPU of two/);
  doesNotMatch(pages[1], /CPU of one/);
});
