import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { BLANK, type Passage, type Query } from "../dataset.ts";
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
    yield { id: checkId(rest.slice(0, end.index).trim(), { file, line }), text: text || BLANK };
  }
}

/**
 * Reads TREC topics `<top><num>id<title>text<desc>…</top>`, closed by end tags or by the next tag. `Number:` before the id and `Topic:`
 * before the title, which the early tracks have, are dropped.
 */
export function readSgmlQueries(file: string): Query[] {
  return Array.from(readElements(file, "top"), ({ line, body }) => {
    const num = /<num>\s*(?:Number:\s*)?([^<\s]+)/i.exec(body);
    const start = /<title>/i.exec(body);
    if (!num || !start) throw badInput({ file, line }, quote(body.trim()), "<num> and <title>");
    const rest = body.slice(start.index + start[0].length);
    const title = rest.slice(0, /<\/?[a-z]/i.exec(rest)?.index ?? rest.length);
    return { id: checkId(num[1], { file, line }), text: plainText(title).replace(/^Topic:\s*/i, "") };
  });
}

/** Elements one after the other, also several on a line; between them there are blanks alone. */
function* readElements(file: string, tag: string): Generator<{ line: number; body: string }> {
  const start = new RegExp(`^\\s*<${tag}>`, "i");
  const end = new RegExp(`</${tag}>`, "i");
  let body: string[] | undefined;
  let from = 0;
  for (const { number, text } of readLines(file)) {
    let rest = text;
    for (;;) {
      if (body === undefined) {
        if (rest.trim() === "") break;
        const opening = start.exec(rest);
        if (!opening) throw badInput({ file, line: number }, quote(rest), `<${tag}>`);
        rest = rest.slice(opening[0].length);
        [body, from] = [[], number];
      }
      const closing = end.exec(rest);
      if (!closing) {
        body.push(rest);
        break;
      }
      body.push(rest.slice(0, closing.index));
      yield { line: from, body: body.join("\n") };
      body = undefined;
      rest = rest.slice(closing.index + closing[0].length);
    }
  }
  if (body !== undefined) throw badInput({ file, line: from }, `a <${tag}> without end`, `</${tag}>`);
}

/** Text without tags, with entities resolved and white space folded. */
function plainText(markup: string): string {
  return resolveEntities(withoutTags(markup)).replace(/\s+/g, " ").trim();
}

/** A blank for each tag. A `<` that begins none, as in `3 < 4`, is text; so is one whose `>` is missing. */
function withoutTags(markup: string): string {
  const parts: string[] = [];
  const tag = /<(?=[a-z/!?])/gi;
  let at = 0;
  for (let start = tag.exec(markup); start !== null; start = tag.exec(markup)) {
    const end = markup.indexOf(">", start.index);
    if (end < 0) break;
    parts.push(markup.slice(at, start.index));
    tag.lastIndex = at = end + 1;
  }
  return [...parts, markup.slice(at)].join(" ");
}

/** Characters that SGML's text has to write by name. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", " "],
]);

/** Resolves named and numbered entities; what is none, such as `AT&T`, stays. */
function resolveEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES.get(name.toLowerCase()) ?? whole;
    const code = decimal === undefined ? parseInt(hex, 16) : Number(decimal);
    return code > 0x1f && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
