import { encode } from "cborg";
import { sha1 } from "../../support/hash.ts";

/** A page or a section of one: what TREC CAR calls a page skeleton. */
export interface CarSection {
  readonly heading: string;
  /** Texts; a link is `[[Page]]` where `linked` says so to {@link encodeParagraph}. */
  readonly paragraphs: readonly string[];
  readonly children: readonly CarSection[];
}

/** File types of the v2.0 header. */
export const CAR_FILE_TYPES = { outlines: 1, paragraphs: 2 } as const;

/** A paragraph's id: 40 hexadecimal characters, as in TREC CAR. */
export function carParagraphId(text: string): string {
  return sha1(text);
}

/** A heading as it stands in topic ids. */
export function carHeadingId(heading: string): string {
  return encodeURIComponent(heading);
}

/** One page of an outline file: `[0, name, id, skeleton]`. */
export function encodeOutline({ heading, children }: CarSection): Uint8Array {
  return encode([0, heading, bytes(carHeadingId(heading)), children.map(skeleton)]);
}

/** One paragraph: `[0, id, bodies]`. Bodies are texts, and links where `linked` finds `[[Page]]` in them. */
export function encodeParagraph(text: string, { linked = false } = {}): Uint8Array {
  return encode([0, bytes(carParagraphId(text)), linked ? bodies(text) : [[0, text]]]);
}

/** A file of items in version 1.x's framing (a bare sequence) or 2.0's (a header, then one indefinite-length array). */
export function* frameItems(
  items: Iterable<Uint8Array>,
  framing: { readonly version: 1 } | { readonly version: 2; readonly fileType: number; readonly creator: string },
): Generator<Uint8Array> {
  if (framing.version === 2) {
    yield encode(["CAR", [framing.fileType], [0, "", framing.creator, "", [], ""]]);
    yield Uint8Array.of(0x9f);
  }
  yield* items;
  if (framing.version === 2) yield Uint8Array.of(0xff);
}

/** Judgements of a page: each paragraph is relevant to the heading under which it stands. One `qid 0 pid 1` line each. */
export function hierarchicalQrels(
  section: CarSection,
  idOf: (text: string) => string = carParagraphId,
  path = carHeadingId(section.heading),
): string[] {
  const own = section.paragraphs.map((text) => `${path} 0 ${idOf(text)} 1\n`);
  const inner = section.children.flatMap((child) => {
    return hierarchicalQrels(child, idOf, `${path}/${carHeadingId(child.heading)}`);
  });
  return [...own, ...inner];
}

/** All paragraphs of a section and the ones inside it, in order. */
export function carParagraphs(section: CarSection): string[] {
  return [...section.paragraphs, ...section.children.flatMap(carParagraphs)];
}

function skeleton(section: CarSection): unknown[] {
  return [0, section.heading, bytes(carHeadingId(section.heading)), section.children.map(skeleton)];
}

/** Splits a text at links: text bodies have tag 0, links tag 1 (page, no section, target id, anchor text). */
function bodies(text: string): unknown[] {
  return text.split(/(\[\[[^\]]+\]\])/).filter((part) => part !== "").map((part) => {
    const target = /^\[\[(.+)\]\]$/.exec(part)?.[1];
    return target === undefined ? [0, part] : [1, [0, target, [], bytes(carHeadingId(target)), target]];
  });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
