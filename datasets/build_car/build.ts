import { basename, join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { writeFolderAtomic } from "../../support/atomic_folder.ts";
import { openAtomic, writeAtomic } from "../../support/atomic_write.ts";
import { checkTarget, hasOnly, type TargetRules } from "../../support/owned_folder.ts";
import { badInput } from "../../support/errors.ts";
import { isFile } from "../../support/paths.ts";
import { type Description, plainName } from "../description.ts";
import {
  CAR_FILE_TYPES,
  carHeadingId,
  carParagraphId,
  carParagraphs,
  type CarSection,
  encodeOutline,
  encodeParagraph,
  frameItems,
  hierarchicalQrels,
} from "../formats/trec_car_write.ts";
import { firstOfNearDuplicates } from "./near_duplicates.ts";
import { readDocuments } from "./read_documents.ts";

/** Headings that say nothing about what stands under them, as in TREC CAR; the sections go with them. */
export const DROPPED_HEADINGS: readonly string[] = [
  ...["references", "external links", "see also", "further reading", "notes", "bibliography", "sources", "footnotes"],
  ...["contents", "table of contents", "acknowledgements", "acknowledgments", "license", "licence", "changelog"],
];

/** What goes into a benchmark. */
export interface BuildCarOptions {
  /** Headings that are left out, besides {@link DROPPED_HEADINGS}; case does not count. */
  readonly drop: readonly string[];
  /** Shorter paragraphs are left out. */
  readonly minWords: number;
}

/** What came out. */
export interface BuiltCar {
  readonly documents: number;
  readonly topics: number;
  readonly paragraphs: number;
  /** Paragraphs that say nearly the same as an earlier one, and are judged under its id. */
  readonly merged: number;
}

/** What the folder of such a benchmark holds. */
const OWN_FILES = /^(dataset\.yaml|(outlines|paragraphs)\.cbor|hierarchical\.qrels)$/;

/**
 * Makes a benchmark in TREC CAR's form (Dietz et al., TREC 2017) of a folder of Markdown and HTML documents: headings are the topics,
 * paragraphs the collection, and a paragraph is relevant to the heading under which it stands. The same documents give the same bytes.
 *
 * @param target folder of the data set; one that was made before is replaced
 * @throws {LatebenchError} where no document has a heading with paragraphs, and for a target that holds anything else, or that
 *   holds the documents or lies among them
 */
export async function buildCar(source: string, target: string, options: BuildCarOptions): Promise<BuiltCar> {
  const rules: TargetRules = {
    kind: "data set",
    inputs: [source],
    recognises: (folder) => isFile(join(folder, "hierarchical.qrels")) && hasOnly(folder, OWN_FILES),
    holds: OWN_FILES,
  };
  checkTarget(target, rules);
  const files = documentsIn(source);
  const dropped = new Set([...DROPPED_HEADINGS, ...options.drop].map((heading) => heading.toLowerCase()));
  const documents = await readDocuments(files);
  const pages = uniquePages(
    documents.map((document, i) => ({
      file: relative(source, files[i]),
      page: trimmed(document, dropped, options.minWords),
    })),
  );
  const texts = pages.flatMap(carParagraphs);
  if (texts.length === 0) throw badInput(source, "no Markdown or HTML document with paragraphs", "at least one");
  const first = firstOfNearDuplicates(texts);
  const idOf = new Map(texts.map((text, i) => [text, carParagraphId(texts[first[i]])]));
  const kept = [...new Set(texts.filter((_, i) => first[i] === i))];
  // Sorted by id: the order of the collection tells nothing about the documents.
  const byId = kept.map((text) => ({ id: carParagraphId(text), text })).sort((a, b) => a.id < b.id ? -1 : 1);
  const qrels = [...new Set(pages.flatMap((page) => hierarchicalQrels(page, (text) => idOf.get(text)!)))];
  await writeFolderAtomic(target, (folder) => {
    const creator = "latebench build-car";
    const write = (name: keyof typeof CAR_FILE_TYPES, items: Uint8Array[]) => {
      const framed = frameItems(items, { version: 2, fileType: CAR_FILE_TYPES[name], creator });
      using file = openAtomic(join(folder, `${name}.cbor`));
      for (const piece of framed) file.write(piece);
      file.commit();
    };
    write("outlines", pages.map(encodeOutline));
    write("paragraphs", byId.map(({ text }) => encodeParagraph(text)));
    writeAtomic(join(folder, "hierarchical.qrels"), qrels.join(""));
    writeAtomic(join(folder, "dataset.yaml"), stringify(describe(source), { lineWidth: 120 }));
    return Promise.resolve();
  }, rules);
  return {
    documents: pages.length,
    topics: new Set(qrels.map((line) => line.split(" ")[0])).size,
    paragraphs: byId.length,
    merged: texts.length - byId.length,
  };
}

function describe(source: string): Description {
  const name = plainName(basename(resolve(source)), "documents");
  return {
    name,
    title: `Headings and paragraphs of the documents in ${name}`,
    collection: { file: "paragraphs.cbor", format: "trec-car-paragraphs", text: "ir_datasets" },
    topics: [{
      name: "hierarchical",
      queries: { file: "outlines.cbor", format: "trec-car-outlines", text: "ir_datasets" },
      qrels: { file: "hierarchical.qrels", format: "trec" },
      measures: ["AP", "RR@10", "R@1000"],
    }],
  };
}

/** Markdown and HTML files of a folder and those inside it, by name. */
function documentsIn(folder: string): string[] {
  const entries = [...Deno.readDirSync(folder)].filter(({ name }) => !name.startsWith("."));
  return entries.sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return documentsIn(path);
    return /\.(md|markdown|html?)$/i.test(name) ? [path] : [];
  });
}

/** The page without the sections that are left out, and without short paragraphs. */
function trimmed(section: CarSection, dropped: ReadonlySet<string>, minWords: number): CarSection {
  return {
    heading: section.heading,
    paragraphs: section.paragraphs.filter((text) => text.split(" ").length >= minWords),
    children: section.children.filter(({ heading }) => !dropped.has(heading.toLowerCase()))
      .map((child) => trimmed(child, dropped, minWords)),
  };
}

/** Two pages of one title are told apart by their files. */
function uniquePages(pages: readonly { readonly file: string; readonly page: CarSection }[]): CarSection[] {
  const count = new Map<string, number>();
  for (const { page } of pages) count.set(carHeadingId(page.heading), (count.get(carHeadingId(page.heading)) ?? 0) + 1);
  return pages.filter(({ page }) => carParagraphs(page).length > 0).map(({ file, page }) => {
    return count.get(carHeadingId(page.heading))! > 1 ? { ...page, heading: `${page.heading} (${file})` } : page;
  });
}
