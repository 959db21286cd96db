import { z } from "zod";
import { badInput } from "../../support/errors.ts";
import { checkShape } from "../../support/json.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { innerPath } from "../../support/safe_name.ts";
import { readYaml } from "../../support/yaml.ts";
import { type Description, descriptionSchema } from "../description.ts";

/** The YAML files of this folder, in the order in which they are listed. */
const FAMILIES = ["msmarco", "trec_car", "lotte", "beir"] as const;

const familySchema = z.strictObject({
  folder: z.union([z.literal("."), innerPath]),
  licence: z.string(),
  files: z.record(
    z.string(),
    z.strictObject({
      url: z.url(),
      md5: z.string().regex(/^[0-9a-f]{32}$/),
      bytes: z.int().positive(),
      unpack: z.enum(["tar.gz", "tar.xz", "zip", "gz"]).optional(),
      members: z.array(innerPath).min(1),
      folder: innerPath.optional(),
    }),
  ),
  datasets: z.record(
    z.string(),
    descriptionSchema.omit({ licence: true }).extend({
      needs: z.array(z.string()).min(1),
      optional: z.array(z.string()).default([]),
      folder: innerPath.optional(),
    }),
  ),
});

/** How an archive is packed. */
export type Packing = "tar.gz" | "tar.xz" | "zip" | "gz";

/** One file that its owner publishes. */
export interface PublishedFile {
  readonly id: string;
  readonly url: string;
  readonly md5: string;
  readonly bytes: number;
  readonly licence: string;
  /** Undefined: it is used as it comes. */
  readonly unpack?: Packing;
  /** Folder of the members, relative to the data folder. */
  readonly folder: string;
  /** What it holds (or its own name), relative to `folder`. */
  readonly members: readonly string[];
}

/** One data set over published files. */
export interface PublishedDataset {
  readonly id: string;
  readonly description: Description;
  /** Folder of its files, relative to the data folder. */
  readonly folder: string;
  /** Ids of the files without which it cannot be used. */
  readonly needs: readonly string[];
  /** Ids of those that only make candidates. */
  readonly optional: readonly string[];
}

/** All that is known of published data. */
export interface Catalogue {
  readonly files: ReadonlyMap<string, PublishedFile>;
  readonly datasets: ReadonlyMap<string, PublishedDataset>;
}

/** Reads the catalogue: every file and data set of the YAML files beside this one. */
export function readCatalogue(): Catalogue {
  const files = new Map<string, PublishedFile>();
  const datasets = new Map<string, PublishedDataset>();
  for (const name of FAMILIES) {
    const path = fromFileUrl(new URL(`./${name}.yaml`, import.meta.url));
    const family = checkShape(readYaml(path), familySchema, path, "a family of data sets");
    for (const [id, file] of Object.entries(family.files)) {
      files.set(id, { id, licence: family.licence, ...file, folder: file.folder ?? family.folder });
    }
    for (const [id, { needs, optional, folder, ...description }] of Object.entries(family.datasets)) {
      for (const file of [...needs, ...optional]) {
        if (!files.has(file)) throw badInput(path, `${id} needs ${file}`, "a file of this family");
      }
      const described: Description = { ...description, licence: family.licence };
      datasets.set(id, { id, description: described, folder: folder ?? family.folder, needs, optional });
    }
  }
  return { files, datasets };
}

/**
 * The files that an id stands for: a data set's (candidates included where `all`), or the one file of that id.
 *
 * @throws {LatebenchError} for an unknown id, with those that are like it
 */
export function filesOf({ files, datasets }: Catalogue, id: string, all: boolean): PublishedFile[] {
  const dataset = datasets.get(id);
  const ids = dataset ? [...dataset.needs, ...all ? dataset.optional : []] : [id];
  return ids.map((file) => {
    const found = files.get(file);
    if (found) return found;
    const like = [...datasets.keys(), ...files.keys()].filter((known) => known.split("/")[0] === id.split("/")[0]);
    throw badInput(id, "no such data set or file", like.length > 0 ? like.join(", ") : "an id that `data list` shows");
  });
}
