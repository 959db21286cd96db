import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileNamePart, fileNameParts, joinedFileName } from "../../support/file_name.ts";

const NAMES = [
  "a b",
  "a+b",
  "a_b",
  "A_b",
  "a__b",
  "🙂",
  "🙃",
  "",
  "_",
  "..",
  "x".repeat(300),
  "x".repeat(301),
  "é",
  "e\u0301",
  "\ud800",
  "\ud801",
];

function distinct(parts: readonly string[]): void {
  strictEqual(new Set(parts.map((part) => part.toLowerCase())).size, parts.length, parts.join(" "));
  for (const part of parts) {
    match(part, /^[A-Za-z0-9_=-][A-Za-z0-9._=-]*$/);
    ok(part.length <= 200, part);
  }
}

Deno.test("names that differ have file names that differ, where case counts and where not", () => {
  distinct(NAMES.map(fileNamePart));
  distinct([...fileNameParts(NAMES).values()]);
});

Deno.test("plain names stay, and slugs that only one name has", () => {
  for (const name of ["bm25", "plaid", "a_b", "faiss-ivfpq"]) strictEqual(fileNamePart(name), name);
  deepStrictEqual([...fileNameParts(["sub/b", "a", "A b"])], [["sub/b", "sub_b"], ["a", "a"], ["A b", "A_b"]]);
});

Deno.test("no name is another name's slug with its hash", () => {
  const crafted = fileNamePart("a b");
  distinct(["a b", crafted].map(fileNamePart));
  distinct([...fileNameParts(["a b", "a+b", fileNameParts(["a b", "a+b"]).get("a b")!]).values()]);
});

Deno.test("file names depend on the names, not on their order", () => {
  deepStrictEqual(
    new Map([...fileNameParts(NAMES)].sort()),
    new Map([...fileNameParts(NAMES.toReversed())].sort()),
  );
});

Deno.test("joined names that are too long end with a hash of all parts", () => {
  strictEqual(joinedFileName(["mine", "all", "bm25"]), "mine.all.bm25");
  const long = "a".repeat(100);
  distinct([[long, long, "b"], [long, long, "c"], [long + "b", long, "c"]].map(joinedFileName));
});
