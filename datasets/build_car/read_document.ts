import { basename } from "node:path";
import { marked } from "marked";
import { defaultTreeAdapter, type DefaultTreeAdapterTypes, parse } from "parse5";
import { badInput } from "../../support/errors.ts";
import { readText } from "../../support/lines.ts";
import type { CarSection } from "../formats/trec_car_write.ts";

type Node = DefaultTreeAdapterTypes.ChildNode;
type Parent = DefaultTreeAdapterTypes.ParentNode;

/** A section while its document is read. */
interface OpenSection extends CarSection {
  readonly level: number;
  readonly paragraphs: string[];
  readonly children: OpenSection[];
}

/** Elements whose text is no prose. */
const SKIPPED = new Set([
  ...["script", "style", "template", "noscript", "nav", "header", "footer", "aside", "form", "table", "pre", "figure"],
  ...["svg", "math", "button", "select", "iframe", "head"],
]);

/** Elements that hold one paragraph each. A list item that holds paragraphs itself is none. */
const BLOCKS = new Set(["p", "li", "dd", "blockquote"]);

/**
 * Reads a Markdown or HTML document as a page with sections: the first heading of level 1 (or the title, or the file's name) is the page,
 * deeper headings are sections inside one another, paragraphs and list items are the texts.
 *
 * @throws {LatebenchError} for a document that is nested too deep
 */
export function readDocument(file: string): CarSection {
  try {
    return readPage(file);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badInput(file, "a document that is nested too deep", "elements and lists some hundred levels deep at most");
  }
}

function readPage(file: string): CarSection {
  const text = readText(file);
  const html = /\.html?$/i.test(file) ? text : marked.parse(withoutFrontMatter(text), { async: false });
  const document = parse(html);
  const title = headings(document)[0] ?? titleOf(document) ?? basename(file).replace(/\.[^.]+$/, "");
  const page: OpenSection = { heading: title, level: 1, paragraphs: [], children: [] };
  let path = [page];
  let named = false;
  const visit = (node: Node) => {
    if (!defaultTreeAdapter.isElementNode(node) || SKIPPED.has(node.tagName)) return;
    const level = /^h([1-6])$/.exec(node.tagName)?.[1];
    if (level !== undefined) {
      const heading = textOf(node);
      if (heading === "") return;
      if (!named && level === "1") {
        named = true;
        return;
      }
      // A second heading of level 1 is a section of the page beside those of level 2.
      const depth = Math.max(2, Number(level));
      path = path.filter((open) => open.level < depth);
      const section: OpenSection = { heading, level: depth, paragraphs: [], children: [] };
      path[path.length - 1].children.push(section);
      path.push(section);
      return;
    }
    if (BLOCKS.has(node.tagName) && !holdsBlocks(node)) {
      const paragraph = textOf(node);
      if (paragraph !== "") path[path.length - 1].paragraphs.push(paragraph);
      return;
    }
    node.childNodes.forEach(visit);
  };
  document.childNodes.forEach(visit);
  return page;
}

/** YAML between two lines of dashes, which many Markdown tools put first. */
function withoutFrontMatter(text: string): string {
  return text.replace(/^---\n[\s\S]*?\n---\n/, "");
}

function headings(parent: Parent): string[] {
  return parent.childNodes.flatMap((node): string[] => {
    if (!defaultTreeAdapter.isElementNode(node) || SKIPPED.has(node.tagName)) return [];
    return node.tagName === "h1" && textOf(node) !== "" ? [textOf(node)] : headings(node);
  });
}

function titleOf(parent: Parent): string | undefined {
  for (const node of parent.childNodes) {
    if (!defaultTreeAdapter.isElementNode(node)) continue;
    const title = node.tagName === "title" ? textOf(node) : titleOf(node);
    if (title) return title;
  }
  return undefined;
}

function holdsBlocks(parent: Parent): boolean {
  return parent.childNodes.some((node) => {
    return defaultTreeAdapter.isElementNode(node) && (BLOCKS.has(node.tagName) || holdsBlocks(node));
  });
}

/** The text of an element in one line. */
function textOf(parent: Parent): string {
  const parts: string[] = [];
  const collect = (node: Node) => {
    if (defaultTreeAdapter.isTextNode(node)) parts.push(node.value);
    else if (defaultTreeAdapter.isElementNode(node)) {
      if (node.tagName === "br") parts.push(" ");
      if (!SKIPPED.has(node.tagName)) node.childNodes.forEach(collect);
    }
  };
  parent.childNodes.forEach(collect);
  return parts.join("").replace(/\s+/g, " ").trim();
}
