import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import type { Passage, Query } from "../dataset.ts";
import { checkId } from "../ids.ts";

/**
 * Streams TREC's `<DOC><DOCNO>id</DOCNO> … </DOC>` form. Inner tags are dropped, white space is folded; a document without
 * text is kept with a single blank so that the passage order stays the file's.
 *
 * @throws {LatebenchError} with the line number for a document without DOCNO or without end
 */
export function* readSgmlPassages(file: string): Generator<Passage> {
  for (const { line, body } of readElements(file, "DOC")) {
    const start = /<DOCNO>/i.exec(body);
    const rest = start ? body.slice(start.index + start[0].length) : "";
    const end = /<\/DOCNO>/i.exec(rest);
    if (!start || !end) throw badInput({ file, line }, "a <DOC> without <DOCNO>", "<DOCNO>id</DOCNO>");
    const text = plainText(`${body.slice(0, start.index)} ${rest.slice(end.index + end[0].length)}`);
    yield { id: checkId(rest.slice(0, end.index).trim(), { file, line }), text: text || " " };
  }
}

/** Reads TREC topics `<top><num>id</num><title>text</title></top>`; `Number:` before the id is dropped. */
export function readSgmlQueries(file: string): Query[] {
  return Array.from(readElements(file, "top"), ({ line, body }) => {
    const num = /<num>\s*(?:Number:\s*)?([^<\s]+)/i.exec(body);
    const title = /<title>([\s\S]*?)(?:<\/title>|<desc>|<narr>|$)/i.exec(body);
    if (!num || !title) throw badInput({ file, line }, quote(body.trim()), "<num> and <title>");
    return { id: checkId(num[1], { file, line }), text: plainText(title[1]) };
  });
}

function* readElements(file: string, tag: string): Generator<{ line: number; body: string }> {
  const start = new RegExp(`^\\s*<${tag}>`, "i");
  const end = new RegExp(`</${tag}>\\s*$`, "i");
  let body: string[] | undefined;
  let from = 0;
  for (const { number, text } of readLines(file)) {
    if (body === undefined) {
      if (!start.test(text)) {
        if (text.trim() === "") continue;
        throw badInput({ file, line: number }, quote(text), `<${tag}>`);
      }
      body = [];
      from = number;
    }
    body.push(text);
    if (end.test(text)) {
      yield { line: from, body: body.join("\n").replace(start, "").replace(end, "") };
      body = undefined;
    }
  }
  if (body !== undefined) throw badInput({ file, line: from }, `a <${tag}> without end`, `</${tag}>`);
}

function plainText(markup: string): string {
  return withoutTags(markup).replace(/\s+/g, " ").trim();
}

/** A blank for each `<…>`. By hand: a pattern looks for the missing `>` of every `<` anew. */
function withoutTags(markup: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const start = markup.indexOf("<", at);
    const end = start < 0 ? -1 : markup.indexOf(">", start);
    if (end < 0) break;
    parts.push(markup.slice(at, start));
    at = end + 1;
  }
  return [...parts, markup.slice(at)].join(" ");
}
