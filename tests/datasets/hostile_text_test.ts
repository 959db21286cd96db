import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { encode } from "cborg";
import { readJsonlPassages } from "../../datasets/formats/jsonl.ts";
import { MAX_GRADE, readBeirQrels, readCranfieldQrels, readQrels } from "../../datasets/formats/qrels.ts";
import { FaultLog } from "../../datasets/formats/runs/faults.ts";
import { readCarParagraphs, readCarTopics } from "../../datasets/formats/trec_car.ts";
import { readSgmlPassages, readSgmlQueries } from "../../datasets/formats/trec_sgml.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Long enough that work with the square of it takes many minutes. */
const LONG = 1_000_000;

Deno.test("SGML: a million unclosed brackets, tags and document numbers cost a million steps", async () => {
  using folder = temporaryFolder();
  const texts = ["<", "<a ", "<!--", "&", "<DOCNO", " "].map((part) => part.repeat(LONG / part.length));
  for (const text of texts) {
    const file = folder.file("docs", `<DOC><DOCNO>1</DOCNO>${text}</DOC>\n`);
    strictEqual([...readSgmlPassages(file)].length, 1);
    const topics = folder.file("topics", `<top><num>${" ".repeat(LONG)}Number: 7<title>${text}</title></top>\n`);
    deepStrictEqual(readSgmlQueries(topics).map(({ id }) => id), ["7"]);
  }
  const file = folder.file("docs", `<DOC>${"<DOCNO>".repeat(LONG / 7)}</DOC>\n`);
  await expectError(() => [...readSgmlPassages(file)], 2, `${file}:1`, "without <DOCNO>");
});

Deno.test("SGML: tags become blanks, and what is not closed stays", () => {
  using folder = temporaryFolder();
  const file = folder.file("docs", "<DOC>a<b>c<d <e>f<docno> 7 </docno>g<b>h < i</DOC>\n");
  deepStrictEqual([...readSgmlPassages(file)], [{ id: "7", text: "a c f g h < i" }]);
});

Deno.test("grades beyond a thousand are refused with their line, in every form of judgements", async () => {
  using folder = temporaryFolder();
  for (const grade of [MAX_GRADE + 1, -MAX_GRADE - 1, 100_000_000, "9".repeat(400)]) {
    const trec = folder.file("trec", `q 0 a ${MAX_GRADE}\nq 0 b ${-MAX_GRADE}\nq 0 c ${grade}\n`);
    await expectError(() => readQrels(trec), 2, `${trec}:3`, `-${MAX_GRADE} to ${MAX_GRADE}`);
    const faults = new FaultLog();
    strictEqual(readQrels(trec, { faults }).get("q")!.size, 2);
    strictEqual(faults.counts()[0].count, 1);
    const beir = folder.file("beir", `query-id\tcorpus-id\tscore\nq\ta\t${grade}\n`);
    await expectError(() => readBeirQrels(beir), 2, `${beir}:2`, "1000");
    const cranfield = folder.file("cranfield", `1 2 ${grade}\n`);
    await expectError(() => readCranfieldQrels(cranfield), 2, `${cranfield}:1`);
    const json = folder.file("json", `{"q":{"a":${grade}}}`);
    await expectError(() => readQrels(json), 2, json, "1000");
  }
});

Deno.test("deep nesting is one line", async () => {
  using folder = temporaryFolder();
  const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
  const jsonl = folder.file("jsonl", `{"id":1,"text":"a"}\n{"id":2,"text":"b","metadata":${deep}}\n`);
  await expectError(() => [...readJsonlPassages(jsonl)], 2, `${jsonl}:2`, "nested too deep");
  const cbor = folder.file("cbor", new Uint8Array(50_000).fill(0x81));
  await expectError(() => [...readCarParagraphs(cbor)], 2, cbor, "nested too deep");
  let section: unknown = [0, "heading", "heading", []];
  for (let depth = 0; depth < 500; depth++) section = [0, "heading", "heading", [section]];
  const outlines = folder.file("outlines", encode([0, "page", "page", [section]]));
  await expectError(() => readCarTopics(outlines), 2, outlines, "at most 100 deep");
});
