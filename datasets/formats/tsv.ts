import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { checkId } from "../ids.ts";
import { BLANK, type Passage, type Query } from "../dataset.ts";

/**
 * Streams `pid \t passage [\t title]`, MS MARCO's collection form. There is no quoting: a tab always separates.
 *
 * @throws {LatebenchError} with the line number for a wrong number of columns, an id that is none, or invalid UTF-8
 */
export function* readTsvPassages(file: string): Generator<Passage> {
  for (const { number, text } of readLines(file)) yield parseTsvPassage(text, file, number);
}

/** Reads one line of a collection; errors name `file` and `line`. */
export function parseTsvPassage(text: string, file: string, line: number): Passage {
  // Cut by hand: a list of columns for each of millions of lines takes a third of the time.
  const first = text.indexOf("\t");
  const second = first < 0 ? -1 : text.indexOf("\t", first + 1);
  const expected = "pid, tab, passage and at most one more tab with a title";
  if (first < 0 || (second >= 0 && text.indexOf("\t", second + 1) >= 0)) {
    throw badInput({ file, line }, `${text.split("\t").length} columns in ${quote(text)}`, expected);
  }
  const id = text.slice(0, first);
  const body = second < 0 ? text.slice(first + 1) : text.slice(first + 1, second);
  const title = second < 0 ? "" : text.slice(second + 1);
  if (id === "") throw badInput({ file, line }, "an empty pid", expected);
  checkId(id, { file, line });
  const own = body.trim() === "" ? BLANK : body;
  return title ? { id, text: own, title } : { id, text: own };
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
    queries.push({ id: checkId(columns[0], { file, line }), text: columns[1] });
  }
  return queries;
}
