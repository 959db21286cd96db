/**
 * Writes the built-in TREC CAR data set from `car/articles.md`: `deno task build:demo`.
 *
 * Headings become topics, paragraphs the collection, the heading path of a paragraph its judgement. Files are written in both
 * framings of TREC CAR: v1.x, a bare sequence of items, and v2.0, a header and one indefinite-length array of the items.
 */
import { createHash } from "node:crypto";
import { encode } from "cborg";

const FOLDER = new URL("./car/", import.meta.url);

interface Section {
  readonly heading: string;
  readonly paragraphs: string[];
  readonly children: Section[];
}

/** File types of the v2.0 header. */
const OUTLINES = 1;
const PARAGRAPHS = 2;

function readArticles(): Section[] {
  const articles: Section[] = [];
  let open: Section[] = [];
  for (const line of Deno.readTextFileSync(new URL("articles.md", FOLDER)).split("\n")) {
    const heading = /^(#+) (.+)$/.exec(line);
    if (heading) {
      const section: Section = { heading: heading[2], paragraphs: [], children: [] };
      open = open.slice(0, heading[1].length - 1);
      (open.at(-1)?.children ?? articles).push(section);
      open.push(section);
    } else if (line !== "") open.at(-1)!.paragraphs.push(line);
  }
  return articles;
}

/** Ids are 40 hexadecimal characters, as in TREC CAR. */
function paragraphId(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function sectionId(heading: string): string {
  return encodeURIComponent(heading);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function outline(section: Section): unknown[] {
  return [0, section.heading, bytes(sectionId(section.heading)), section.children.map(outline)];
}

function judgements(section: Section, path: string): string[] {
  const own = section.paragraphs.map((text) => `${path} 0 ${paragraphId(text)} 1\n`);
  const inner = section.children.flatMap((child) => judgements(child, `${path}/${sectionId(child.heading)}`));
  return [...own, ...inner];
}

/** Splits a text at links, `[[Article]]`: text bodies have tag 0, links tag 1 (page, no section, target id, anchor text). */
function bodies(text: string): unknown[] {
  return text.split(/(\[\[[^\]]+\]\])/).filter((part) => part !== "").map((part) => {
    const target = /^\[\[(.+)\]\]$/.exec(part)?.[1];
    return target === undefined ? [0, part] : [1, [0, target, [], bytes(sectionId(target)), target]];
  });
}

function allParagraphs(section: Section): string[] {
  return [...section.paragraphs, ...section.children.flatMap(allParagraphs)];
}

function write(name: string, content: Uint8Array[] | string[]): void {
  Deno.writeFileSync(
    new URL(name, FOLDER),
    Uint8Array.from(content.flatMap((part) => [...typeof part === "string" ? bytes(part) : part])),
  );
}

/** Writes the items in both framings. */
function writeItems(name: string, fileType: number, items: Uint8Array[]): void {
  const header = encode(["CAR", [fileType], [0, "", "latebench demo", "", [], ""]]);
  write(`${name}.v1.cbor`, items);
  write(`${name}.v2.cbor`, [header, Uint8Array.of(0x9f), ...items, Uint8Array.of(0xff)]);
}

if (import.meta.main) {
  const articles = readArticles();
  const pages = articles.map((article) => {
    return encode([0, article.heading, bytes(sectionId(article.heading)), article.children.map(outline)]);
  });
  // Sorted by id: the order of the collection tells nothing about the articles.
  const texts = articles.flatMap(allParagraphs).sort((a, b) => paragraphId(a) < paragraphId(b) ? -1 : 1);
  writeItems("outlines", OUTLINES, pages);
  writeItems("paragraphs", PARAGRAPHS, texts.map((text) => encode([0, bytes(paragraphId(text)), bodies(text)])));
  write("hierarchical.qrels", articles.flatMap((article) => judgements(article, sectionId(article.heading))));
}
