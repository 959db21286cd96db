import { fromFileUrl, isFolder } from "../support/paths.ts";
import { badInput } from "../support/errors.ts";

/** The data sets that come with latebench, by id. */
const BUILT_IN: Readonly<Record<string, URL>> = {
  "demo-msmarco": new URL("./demo/msmarco/", import.meta.url),
  "demo-car": new URL("./demo/car/", import.meta.url),
};

/** Ids of the built-in data sets, in the order in which they are evaluated. */
export function builtInDatasets(): readonly string[] {
  return Object.keys(BUILT_IN);
}

/**
 * The folder of a data set.
 *
 * @param spec a built-in id, or a folder with a `dataset.yaml`
 * @throws {LatebenchError} that lists the known ids
 */
export function resolveDataset(spec: string): string {
  const builtIn = BUILT_IN[spec];
  if (builtIn) return fromFileUrl(builtIn);
  if (isFolder(spec)) return spec;
  throw badInput(
    `--dataset ${spec}`,
    "neither a known id nor a folder",
    `one of ${builtInDatasets().join(", ")}, or a folder with a dataset.yaml`,
  );
}
