import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import type { Passage, Query } from "../dataset.ts";

/**
 * Streams `pid \t passage [\t title]`, MS MARCO's collection form. There is no quoting: a tab always separates.
 *
 * @throws {LatebenchError} with the line number for a wrong number of columns, an empty id, an empty passage or invalid UTF-8
 */
export function* readTsvPassages(file: string): Generator<Passage> {
  for (const { number: line, text } of readLines(file)) {
    const columns = text.split("\t");
    const expected = "pid, tab, passage and at most one more tab with a title";
    if (columns.length < 2 || columns.length > 3) {
      throw badInput({ file, line }, `${columns.length} columns in ${quote(text)}`, expected);
    }
    const [id, body, title] = columns;
    if (id === "") throw badInput({ file, line }, "an empty pid", expected);
    if (body.trim() === "") throw badInput({ file, line }, `an empty passage (pid ${quote(id)})`, "text");
    yield title ? { id, text: body, title } : { id, text: body };
  }
}

/**
 * Reads `qid \t text`.
 *
 * @throws {LatebenchError} with the line number, as {@link readTsvPassages}
 */
export function readTsvQueries(file: string): Query[] {
  const queries: Query[] = [];
  for (const { number: line, text } of readLines(file)) {
    const columns = text.split("\t");
    if (columns.length !== 2 || columns[0] === "") {
      throw badInput({ file, line }, `${columns.length} columns in ${quote(text)}`, "qid, tab, query");
    }
    queries.push({ id: columns[0], text: columns[1] });
  }
  return queries;
}
