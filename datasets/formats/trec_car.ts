import { badInput } from "../../support/errors.ts";
import type { Passage, Query } from "../dataset.ts";
import { checkId } from "../ids.ts";
import { type CborItem, readCborItems } from "./cbor_sequence.ts";
import { decodeText } from "./cbor_strings.ts";

/**
 * How texts are made from TREC CAR's structure; the two conventions in use give different scores.
 * - `nogueira` (dl4marco-bert, whose data ColBERT's paper used): the bodies of a paragraph are joined by a blank; a query is its
 *   id without `enwiki:`, with `%20` and `/` turned into blanks and every other escape left.
 * - `ir_datasets`: bodies are joined by nothing; a query is the page title and the headings, joined by blanks.
 */
export type CarText = "nogueira" | "ir_datasets";

/** Sections inside one another; Wikipedia has six. */
const MAX_DEPTH = 100;

/**
 * Streams the paragraphs of a TREC CAR paragraph file (v1.x or v2.0).
 *
 * @throws {LatebenchError} with the byte offset of the item for malformed or truncated CBOR
 */
export function* readCarParagraphs(file: string, convention: CarText = "nogueira"): Generator<Passage> {
  for (const item of readCborItems(file)) {
    const [tag, id, bodies] = asArray(item.value, file, item, "a paragraph [0, id, bodies]");
    if (tag !== 0 || !Array.isArray(bodies)) throw malformed(file, item, "a paragraph [0, id, bodies]");
    const parts = bodies.map((body) => bodyText(body, file, item));
    const text = parts.join(convention === "nogueira" ? " " : "");
    yield { id: checkId(asText(id, file, item), { file, byte: item.byte }), text: text.trim() === "" ? " " : text };
  }
}

/**
 * Reads the topics of a TREC CAR outline or page file: every page, and every section at every depth. The ids are those of
 * the qrels, `pageId/headingId/…`, percent-encoded as in the file. A path that occurs twice is one topic.
 */
export function readCarTopics(file: string, convention: CarText = "nogueira"): Query[] {
  const topics = new Map<string, Query>();
  for (const item of readCborItems(file)) {
    const [tag, name, pageId, skeleton] = asArray(item.value, file, item, "a page [0, name, id, skeleton]");
    if (tag !== 0 || !Array.isArray(skeleton)) throw malformed(file, item, "a page [0, name, id, skeleton]");
    const add = (id: string, headings: readonly string[]) => {
      if (!topics.has(checkId(id, { file, byte: item.byte }))) {
        topics.set(id, { id, text: topicText(id, headings, convention) });
      }
    };
    const walk = (children: readonly unknown[], path: string, headings: readonly string[]) => {
      if (headings.length > MAX_DEPTH) throw malformed(file, item, `sections at most ${MAX_DEPTH} deep`);
      for (const child of children) {
        if (!Array.isArray(child)) throw malformed(file, item, "a page skeleton");
        if (child[0] !== 0) continue; // paragraphs, images and lists are no topics
        const inner = [...headings, asText(child[1], file, item)];
        const id = `${path}/${asText(child[2], file, item)}`;
        add(id, inner);
        if (!Array.isArray(child[3])) throw malformed(file, item, "a section [0, heading, id, children]");
        walk(child[3], id, inner);
      }
    };
    const id = asText(pageId, file, item);
    const title = asText(name, file, item);
    add(id, [title]);
    walk(skeleton, id, [title]);
  }
  return [...topics.values()];
}

function topicText(id: string, headings: readonly string[], convention: CarText): string {
  if (convention === "ir_datasets") return headings.join(" ");
  return id.replace(/^enwiki:/, "").replaceAll("%20", " ").replaceAll("/", " ");
}

function bodyText(body: unknown, file: string, item: CborItem): string {
  const parts = asArray(body, file, item, "a paragraph body");
  if (parts[0] === 0) return asText(parts[1], file, item);
  if (parts[0] === 1) {
    const link = asArray(parts[1], file, item, "a link");
    return asText(link[link.length - 1], file, item); // [_, page, section?, target id, anchor text]
  }
  throw malformed(file, item, "a paragraph body with tag 0 (text) or 1 (link)");
}

function asArray(value: unknown, file: string, item: CborItem, expected: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(file, item, expected);
  return value;
}

function asText(value: unknown, file: string, item: CborItem): string {
  if (typeof value === "string") return value;
  if (!(value instanceof Uint8Array)) throw malformed(file, item, "text or a byte string");
  try {
    return decodeText(value);
  } catch {
    throw badInput({ file, byte: item.byte }, "invalid UTF-8", "UTF-8 text");
  }
}

function malformed(file: string, item: CborItem, expected: string): Error {
  return badInput({ file, byte: item.byte }, "an item of another shape", expected);
}
