import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { BLANK, type Passage, type Query } from "../dataset.ts";
import { checkId } from "../ids.ts";

interface SmartRecord {
  readonly line: number;
  readonly id: string;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * Streams SMART's `.I id` records; the passage is `.W`, the title `.T`. A record without text is kept with a single blank
 * (Cranfield has two), so that the passage order stays the file's.
 */
export function* readSmartPassages(file: string): Generator<Passage> {
  for (const { id, fields } of readRecords(file)) {
    const text = fields.get("W") || BLANK;
    const title = fields.get("T");
    yield title ? { id, text, title } : { id, text };
  }
}

/**
 * Reads SMART queries (`.I`, `.W`).
 *
 * @param ids `position` numbers the queries 1, 2, 3 … in file order: Cranfield's judgements use these, not the `.I` ids
 */
export function readSmartQueries(file: string, ids: "file" | "position" = "file"): Query[] {
  return Array.from(readRecords(file), ({ line, id, fields }, index) => {
    const text = fields.get("W");
    if (!text) throw badInput({ file, line }, `query ${quote(id)} without .W`, "query text");
    return { id: ids === "position" ? String(index + 1) : id, text };
  });
}

function* readRecords(file: string): Generator<SmartRecord> {
  let record: { line: number; id: string; fields: Map<string, string[]> } | undefined;
  let field: string[] | undefined;
  const close = (open: NonNullable<typeof record>): SmartRecord => ({
    line: open.line,
    id: open.id,
    fields: new Map([...open.fields].map(([name, lines]) => [name, lines.join(" ").replace(/\s+/g, " ").trim()])),
  });
  for (const { number: line, text } of readLines(file)) {
    const start = /^\.I\s+(\S+)\s*$/.exec(text);
    if (start) {
      if (record) yield close(record);
      record = { line, id: checkId(start[1], { file, line }), fields: new Map() };
      field = undefined;
      continue;
    }
    if (!record) throw badInput({ file, line }, quote(text), ".I and an id");
    const name = /^\.([A-Z])\s*$/.exec(text)?.[1];
    if (name) record.fields.set(name, field = []);
    else if (field) field.push(text);
    else throw badInput({ file, line }, quote(text), "a field such as .W");
  }
  if (record) yield close(record);
}
