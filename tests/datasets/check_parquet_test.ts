import { deepStrictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import type { FileMetaData } from "hyparquet";
import { checkPages } from "../../datasets/check_parquet.ts";
import { convertNanoBeir } from "../../datasets/nanobeir.ts";
import { LatebenchError } from "../../support/errors.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** A number as Thrift's compact protocol writes it. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...varint(Math.floor(value / 128))];
}

/** Field `delta` numbers after the last one, a whole number. */
const field = (delta: number, value: number) => [delta << 4 | 5, ...varint(2 * value)];

const [PLAIN, DICTIONARY] = [0, 8];

/** A data page of the first version, not compressed. */
function dataPage(values: number, encoding: number, content: readonly number[], size = content.length): number[] {
  const own = [...field(1, values), ...field(1, encoding), ...field(1, 3), ...field(1, 3), 0];
  return [...field(1, 0), ...field(1, content.length), ...field(1, size), 2 << 4 | 12, ...own, 0, ...content];
}

function dictionaryPage(values: number, content: readonly number[]): number[] {
  const own = [...field(1, values), ...field(1, PLAIN), 0];
  return [...field(1, 2), ...field(1, content.length), ...field(1, content.length), 4 << 4 | 12, ...own, 0, ...content];
}

/** Checks one column of `values` values. */
function check(pages: readonly number[], values: number, repetition = "REQUIRED"): void {
  const column = {
    path_in_schema: ["text"],
    codec: "UNCOMPRESSED",
    num_values: BigInt(values),
    total_compressed_size: BigInt(pages.length),
    data_page_offset: 0n,
  };
  const metadata = {
    schema: [{ name: "schema" }, { name: "text", repetition_type: repetition }],
    row_groups: [{ columns: [{ meta_data: column }] }],
  };
  checkPages(Uint8Array.from(pages).buffer, metadata as unknown as FileMetaData, ["text"], (input) => input);
}

const MOST = 2 ** 31 - 1;
/** A run that repeats one value so often: twice the number, and the value. */
const run = (count: number, value = 1) => [...varint(2 * count), value];
const levels = (bytes: readonly number[]) => [bytes.length, 0, 0, 0, ...bytes];

Deno.test("pages of Parquet that hold what they say are taken", () => {
  check(dataPage(3, PLAIN, [1, 2, 3]), 3);
  check([...dataPage(2, PLAIN, [1]), ...dataPage(1, PLAIN, [1])], 3);
  check(dataPage(3, PLAIN, [...levels(run(3)), 9, 9]), 3, "OPTIONAL");
  check(dataPage(3, PLAIN, [...levels([3, 0b101]), 9, 9]), 3, "OPTIONAL"); // packed: eight values, three of which count
  check([...dictionaryPage(2, [1, 2]), ...dataPage(600, DICTIONARY, [1, ...run(599), ...run(1)])], 600);
  check(dataPage(0, DICTIONARY, [0]), 0);
});

Deno.test("pages of Parquet that lie about themselves are refused before room is made", () => {
  throws(() => check(dataPage(MOST, PLAIN, [1, 2, 3]), 3), /page of 2147483647 of 3/);
  throws(() => check([...dataPage(2, PLAIN, [1]), ...dataPage(2, PLAIN, [1])], 3), /page of 2 of 1/);
  throws(() => check(dataPage(-1 >>> 1, PLAIN, [1]), 3), /page of/);
  throws(() => check(dataPage(3, PLAIN, [1], 10_000), 3), /longer than its column|Invalid typed array length/);
  throws(() => check(dataPage(3, PLAIN, levels(run(MOST))), 3, "OPTIONAL"), /run of 2147483647 of 3/);
  throws(() => check(dataPage(3, PLAIN, levels([...run(2), ...run(MOST)])), 3, "OPTIONAL"), /run of 2147483647 of 3/);
  throws(() => check(dataPage(3, DICTIONARY, [1, ...run(MOST)]), 3), /run of 2147483647 of 3/);
  throws(() => check(dataPage(3, DICTIONARY, [1, ...varint(2 * 2 ** 28 + 1)]), 3), /run of 2147483648 of 3/);
  throws(() => check(dataPage(3, DICTIONARY, [1, 255, 255, 255, 255, 255, 255]), 3), /without end/);
  throws(() => check(dataPage(3, DICTIONARY, [40, ...run(3)]), 3), /40 bits/);
  throws(() => check([...dictionaryPage(MOST, [1]), ...dataPage(1, DICTIONARY, [1, ...run(1)])], 1), /dictionary of/);
  throws(() => check(dataPage(1, PLAIN, [1]), 1, "REPEATED"), /nested/);
});

Deno.test("a Parquet file with any byte changed is read, or refused in one line", async () => {
  using folder = temporaryFolder();
  const fixture = fromFileUrl(new URL("../fixtures/nanobeir", import.meta.url));
  const name = (part: string) => `${part}/train-00000-of-00001.parquet`;
  for (const part of ["corpus", "queries", "qrels"]) {
    folder.file(name(part), Deno.readFileSync(join(fixture, name(part))));
  }
  const whole = Deno.readFileSync(join(fixture, name("queries")));
  const odd: string[] = [];
  for (let at = 0; at < whole.length; at += 2) {
    const value = whole[at] === 0xff ? 0 : 0xff;
    folder.file(name("queries"), whole.map((byte, i) => i === at ? value : byte));
    try {
      await convertNanoBeir(folder.path);
    } catch (error) {
      if (!(error instanceof LatebenchError)) odd.push(`${at}: ${error}`);
    }
  }
  deepStrictEqual(odd, []);
});
