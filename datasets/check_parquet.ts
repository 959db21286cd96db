import type { ColumnMetaData, FileMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";

/** Values that a last packed run may have too many: writers fill it up. */
const FILLED_UP = 512;

/** Unpacks a page to `length` bytes. */
type Unpack = (input: Uint8Array, length: number) => Uint8Array;

/**
 * Checks the pages of the columns that are read, before the reader makes room for what they say of themselves: it follows a page's own
 * number of values, and a run that repeats one value 2³¹ times takes five bytes.
 *
 * @param columns their names; none of them may be nested
 * @throws {Error} for pages that lie outside of their column, or hold more values than it
 */
export function checkPages(
  file: ArrayBuffer,
  { row_groups, schema }: FileMetaData,
  columns: readonly string[],
  unpack: Unpack,
): void {
  const read = row_groups.flatMap((group) => group.columns.flatMap(({ meta_data }) => meta_data ?? []));
  for (const column of read.filter(({ path_in_schema }) => columns.includes(path_in_schema[0]))) {
    const repetition = schema.find(({ name }) => name === column.path_in_schema[0])?.repetition_type;
    if (column.path_in_schema.length !== 1 || repetition === "REPEATED") throw new Error("a nested column");
    checkColumn(file, column, repetition !== "REQUIRED", column.codec === "UNCOMPRESSED" ? (input) => input : unpack);
  }
}

function checkColumn(file: ArrayBuffer, column: ColumnMetaData, optional: boolean, unpack: Unpack): void {
  const { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size } = column;
  const start = Number(dictionary && dictionary < data ? dictionary : data);
  const reader = { view: new DataView(file, start, Number(total_compressed_size)), offset: 0 };
  let left = Number(column.num_values);
  while (left > 0 && reader.offset < reader.view.byteLength - 1) {
    const header = parquetHeader(reader);
    const { compressed_page_size: size, uncompressed_page_size: whole } = header;
    const bytes = new Uint8Array(file, start + reader.offset, size);
    reader.offset += size;
    if (reader.offset > reader.view.byteLength) throw new Error("a page that is longer than its column");
    if (header.dictionary_page_header) {
      const { num_values } = header.dictionary_page_header;
      if (!(num_values >= 0 && num_values <= 8 * whole)) throw new Error(`a dictionary of ${num_values} values`);
      continue;
    }
    const page = header.data_page_header ?? header.data_page_header_v2;
    if (!page) throw new Error("a page of another kind");
    const { num_values, encoding } = page;
    if (!(num_values >= 0 && num_values <= left)) throw new Error(`a page of ${num_values} of ${left} values`);
    left -= num_values;
    let content: Uint8Array;
    if (header.data_page_header) {
      content = unpack(bytes, whole);
      if (optional) content = levelsOf(content, num_values);
    } else {
      const v2 = header.data_page_header_v2!;
      const levels = v2.definition_levels_byte_length;
      if (v2.repetition_levels_byte_length !== 0 || !(levels >= 0 && levels <= size)) throw new Error("odd levels");
      if (!(v2.num_nulls >= 0 && v2.num_nulls <= num_values)) throw new Error(`${v2.num_nulls} nulls`);
      if (levels > 0) checkRuns(bytes, 1, num_values);
      content = bytes.subarray(levels);
      if (v2.is_compressed !== false) content = unpack(content, whole - levels);
    }
    if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY") {
      if (content[0] > 32) throw new Error(`codes of ${content[0]} bits`);
      if (num_values > 0) checkRuns(content.subarray(1), content[0], num_values);
    } else if (encoding === "RLE") checkRuns(content.subarray(4), 1, num_values);
  }
}

/** Checks the levels before a page's values, which say which of them are null. @returns what comes after them */
function levelsOf(content: Uint8Array, values: number): Uint8Array {
  if (content.length < 4) throw new Error("a page without levels");
  const bytes = new DataView(content.buffer, content.byteOffset).getUint32(0, true);
  checkRuns(content.subarray(4), 1, values);
  return content.subarray(4 + bytes);
}

/** Follows the runs of Parquet's hybrid encoding until there are as many values as wanted. */
function checkRuns(bytes: Uint8Array, width: number, values: number): void {
  for (let at = 0, seen = 0; seen < values && at < bytes.length;) {
    let header = 0;
    for (let shift = 0;; shift += 7) {
      header += (bytes[at] & 0x7f) * 2 ** shift;
      if (!(bytes[at++] & 0x80)) break;
      if (shift === 28) throw new Error("a run without end");
    }
    const packed = header % 2 === 1;
    const count = Math.floor(header / 2) * (packed ? 8 : 1);
    if (count > values - seen + (packed ? FILLED_UP : 0)) throw new Error(`a run of ${count} of ${values} values`);
    at += packed ? count / 8 * width : (width + 7) >> 3;
    seen += count;
  }
}
