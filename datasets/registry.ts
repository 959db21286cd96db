import { join } from "node:path";
import { badInput } from "../support/errors.ts";
import { fromFileUrl, isFile, isFolder } from "../support/paths.ts";
import { type PublishedDataset, readCatalogue } from "./catalogue/catalogue.ts";
import { type Description, readDescription } from "./description.ts";
import { describeFolder } from "./layouts.ts";
import { isNanoBeir } from "./nanobeir.ts";
import { own } from "../support/own.ts";

/** The data sets that come with latebench, by id. */
const BUILT_IN: Readonly<Record<string, URL>> = {
  "demo-msmarco": new URL("./demo/msmarco/", import.meta.url),
  "demo-car": new URL("./demo/car/", import.meta.url),
};

/** Where published data is kept unless told otherwise. */
export const DATA_DIR = ".latebench/data";

/** A data set's description and the folder of its files. */
export interface LocatedDataset {
  readonly directory: string;
  readonly description: Description;
}

/** Ids of the built-in data sets, in the order in which they are evaluated. */
export function builtInDatasets(): readonly string[] {
  return Object.keys(BUILT_IN);
}

/**
 * Finds a data set.
 *
 * @param spec a built-in id, the id of a published data set, a folder with a `dataset.yaml`, or one in BEIR's or LoTTE's layout
 * @param dataDir where published data is; a spec may also be a folder in there
 * @throws {LatebenchError} for an unknown spec, and for a published data set that was not fetched
 */
export function locateDataset(spec: string, dataDir: string): LocatedDataset {
  const builtIn = own(BUILT_IN, spec);
  if (builtIn) return locateFolder(fromFileUrl(builtIn))!;
  for (const folder of [spec, join(dataDir, spec)]) {
    const located = isFolder(folder) ? locateFolder(folder) : null;
    if (located) return located;
  }
  const published = readCatalogue().datasets.get(spec);
  if (published) return locatePublished(published, dataDir);
  if (isFolder(spec)) {
    if (isNanoBeir(spec)) {
      throw badInput(spec, "NanoBEIR's Parquet files", `\`deno task data init ${spec}\` to have run once`);
    }
    throw badInput(spec, "no dataset.yaml and no layout that is known", "a data set (`deno task data init` makes one)");
  }
  throw badInput(
    `--dataset ${spec}`,
    "neither a known id nor a folder",
    `one of ${builtInDatasets().join(", ")}, an id that \`deno task data list\` shows, or a folder with a dataset.yaml`,
  );
}

function locateFolder(directory: string): LocatedDataset | null {
  if (isFile(join(directory, "dataset.yaml"))) return { directory, description: readDescription(directory) };
  const description = describeFolder(directory);
  return description && { directory, description };
}

function locatePublished({ id, folder, description }: PublishedDataset, dataDir: string): LocatedDataset {
  const directory = join(dataDir, folder);
  const has = (file: string) => isFile(join(directory, file));
  const needed = [
    description.collection.file,
    ...description.topics.flatMap(({ queries, qrels }) => [queries.file, ...qrels ? [qrels.file] : []]),
  ];
  const missing = needed.find((file) => !has(file));
  if (missing !== undefined) {
    throw badInput(
      `--dataset ${id}`,
      `no ${join(directory, missing)}`,
      `the files that \`deno task data fetch ${id}\` brings`,
    );
  }
  const topics = description.topics.map((set) => {
    if (!set.candidates || has(set.candidates.file)) return set;
    const { candidates: _, ...without } = set;
    return without;
  });
  return { directory, description: { ...description, topics } };
}
