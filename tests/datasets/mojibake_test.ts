import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { repairMojibake, withRepairedText } from "../../datasets/mojibake.ts";
import { openDataset } from "../../datasets/open.ts";
import { realDataTest } from "../fixtures/shared_data.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** UTF-8 bytes of a text, one character each: what the collection has. */
const misread = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

Deno.test("misread UTF-8 is repaired, sound text stays", () => {
  for (const text of ["it’s", "café", "100 €", "日本", "a \u{1f600} b", "plain"]) {
    strictEqual(repairMojibake(misread(text)), text);
    strictEqual(repairMojibake(text), text);
  }
  strictEqual(repairMojibake("à côté, Ã is a letter, ñ"), "à côté, Ã is a letter, ñ");
  strictEqual(repairMojibake("\u00c0\u0080 \u00ed\u00a0\u0080"), "\u00c0\u0080 \u00ed\u00a0\u0080"); // overlong, surrogate
});

Deno.test("a repaired data set is another data set", () => {
  using folder = temporaryFolder();
  for (const [name, content] of Object.entries({ ...SMALL_DATASET, "c.tsv": `a\t${misread("it’s")}\nb\ttwo\n` })) {
    folder.file(name, content);
  }
  const dataset = openDataset(folder.path);
  const repaired = withRepairedText(dataset);
  deepStrictEqual(Array.from(repaired.passages(), ({ text }) => text), ["it’s", "two"]);
  ok(repaired.contentHash() !== dataset.contentHash() && repaired.name !== dataset.name);
});

realDataTest("most passages of the supplied MS MARCO sample keep nothing to repair", (folder) => {
  const dataset = openDataset(join(folder("msmarco-dl19")));
  let before = 0;
  let after = 0;
  const suspicious = /[\u00c2-\u00f4][\u0080-\u009f]/;
  for (const { text } of dataset.passages()) if (suspicious.test(text)) before++;
  for (const { text } of withRepairedText(dataset).passages()) if (suspicious.test(text)) after++;
  ok(before > 1000 && after < before / 50, `${before} before, ${after} after`);
});
