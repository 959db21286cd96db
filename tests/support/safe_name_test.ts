import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { innerPath, joinInside, safeName } from "../../support/safe_name.ts";

Deno.test("names from files are one component, and cannot lead out", () => {
  const good = ["index", "segment-000001", "a.b_c-D9", "_x"];
  const bad = ["", ".", "..", "../x", "a/b", "/etc", ".hidden", "-rf", "a b", "a\\b", "a\0b", "é", "x".repeat(201)];
  deepStrictEqual(good.filter((name) => !safeName.safeParse(name).success), []);
  deepStrictEqual(bad.filter((name) => safeName.safeParse(name).success), []);
});

Deno.test("paths from files stay below their folder", () => {
  const good = ["collection.tsv", "parts/0 1/größe.tsv", "a/..b/c", "-x"];
  const bad = ["", "/x", "../x", "a/../../x", "a//b", "a/.", "C:/x", "C:x", "a\\..\\x", "a\nb", "a\0", "\ud800"];
  deepStrictEqual(good.filter((path) => !innerPath.safeParse(path).success), []);
  deepStrictEqual(bad.filter((path) => innerPath.safeParse(path).success), []);
  strictEqual(joinInside("/data", "a/b"), "/data/a/b");
  throws(() => joinInside("/data", "../b"), /leads out/);
});
