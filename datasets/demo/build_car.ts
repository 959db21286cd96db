/**
 * Writes the built-in TREC CAR data set from `car/articles.md`: `deno task build:demo`.
 *
 * Headings become topics, paragraphs the collection, the heading path of a paragraph its judgement. Files are written in both
 * framings of TREC CAR, with links: `deno task data build-car` does neither.
 */
import {
  CAR_FILE_TYPES,
  carParagraphId,
  carParagraphs,
  encodeOutline,
  encodeParagraph,
  frameItems,
  hierarchicalQrels,
} from "../formats/trec_car_write.ts";

const FOLDER = new URL("./car/", import.meta.url);

interface Section {
  readonly heading: string;
  readonly paragraphs: string[];
  readonly children: Section[];
}

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

function write(name: string, content: Iterable<Uint8Array>): void {
  Deno.writeFileSync(new URL(name, FOLDER), Uint8Array.from([...content].flatMap((part) => [...part])));
}

/** Writes the items in both framings. */
function writeItems(name: "outlines" | "paragraphs", items: readonly Uint8Array[]): void {
  const fileType = CAR_FILE_TYPES[name];
  write(`${name}.v1.cbor`, frameItems(items, { version: 1 }));
  write(`${name}.v2.cbor`, frameItems(items, { version: 2, fileType, creator: "latebench demo" }));
}

if (import.meta.main) {
  const articles = readArticles();
  // Sorted by id: the order of the collection tells nothing about the articles.
  const texts = articles.flatMap(carParagraphs).sort((a, b) => carParagraphId(a) < carParagraphId(b) ? -1 : 1);
  writeItems("outlines", articles.map(encodeOutline));
  writeItems("paragraphs", texts.map((text) => encodeParagraph(text, { linked: true })));
  const qrels = articles.flatMap((article) => hierarchicalQrels(article)).join("");
  write("hierarchical.qrels", [new TextEncoder().encode(qrels)]);
}
