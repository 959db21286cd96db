import { join } from "node:path";
import type { BackendContext, BuildSource } from "../../backends/backend.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { type ParsedSpec, parseSpec } from "../../backends/spec.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { EMBEDDINGS, embeddingsFolder, encodeCollection } from "../../encoders/embeddings/encode_collection.ts";
import { type EmbeddingsHeader, HEADER_FILE, readHeader } from "../../encoders/embeddings/format.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import { type BuildRecord, buildSchema } from "../../eval/results/cost_schema.ts";
import { removeOwnedFolder, writeFolderAtomic } from "../../support/atomic_folder.ts";
import { writeJson } from "../../support/atomic_write.ts";
import { artefactKey } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import { lockFolder } from "../../support/lock.ts";
import type { TargetRules } from "../../support/owned_folder.ts";
import { isFile } from "../../support/paths.ts";
import { measureBuild } from "./measure_build.ts";

/** An index in the store. */
export interface BuiltIndex {
  readonly folder: string;
  readonly build: BuildRecord;
}

/** The embeddings and indexes of one data set, built when they are first asked for and kept in the store. */
export interface Artefacts {
  readonly collectionHash: string;
  build(spec: ParsedSpec): Promise<BuiltIndex>;
  /** The header of the embeddings, where some index needed them. */
  embeddingsHeader(): EmbeddingsHeader | null;
}

/** Name of the file, in an index, that tells what its build took. */
const BUILD_FILE = "build.json";

/** Indexes of an earlier latebench have no marker. */
const STORE_ENTRY: TargetRules = {
  kind: "store entry",
  recognises: (folder) => [BUILD_FILE, "index.json"].some((name) => isFile(join(folder, name))),
};

/** Version of what it tells. */
const BUILD_RECORD = 2;

/**
 * Opens the store for one data set. Every artefact's name holds a hash of all that went into it, so that a changed input never
 * meets an old artefact.
 *
 * @param options `force` removes what is there of this data set's artefacts before it is used again
 */
export function openArtefacts(
  dataset: Dataset,
  encoder: Encoder | null,
  context: BackendContext,
  options: { readonly store: string; readonly force: boolean; readonly quiet: boolean },
): Artefacts {
  const collectionHash = dataset.contentHash();
  const fresh = new Set<string>();
  const dropOnce = (folder: string, rules: TargetRules) => {
    if (options.force && !fresh.has(folder)) removeOwnedFolder(folder, rules);
    fresh.add(folder);
  };
  const vectorsFolder = encoder && embeddingsFolder(options.store, dataset, encoder);
  const source: BuildSource = {
    dataset,
    async embeddings() {
      if (!encoder || !vectorsFolder) throw new TypeError("The encoder was not loaded");
      dropOnce(vectorsFolder, EMBEDDINGS);
      await encodeCollection(dataset, encoder, vectorsFolder, options);
      return readEmbeddings(vectorsFolder);
    },
    index: async (spec) => (await build(parseSpec(spec, BACKENDS))).folder,
  };
  const build = async ({ backend, options: chosen }: ParsedSpec): Promise<BuiltIndex> => {
    const settings = Object.fromEntries(
      Object.entries(chosen).filter(([key]) => backend.buildOptions.includes(key)),
    );
    const vectors = backend.capabilities.input === "vectors" ? encoder?.hash : null;
    const { version } = backend;
    const key = artefactKey({
      version,
      record: BUILD_RECORD,
      collectionHash,
      bm25: dataset.bm25,
      encoder: vectors,
      settings,
    });
    const folder = join(options.store, "indexes", `${dataset.name}-${backend.name}-${key}`);
    using _lock = await lockFolder(folder);
    dropOnce(folder, STORE_ENTRY);
    if (!isFile(join(folder, BUILD_FILE))) {
      await backend.setUp?.(chosen, context);
      if (vectors) await source.embeddings(); // so that encoding does not count as building
      await writeFolderAtomic(folder, async (temporary) => {
        const tokens = vectors ? readHeader(vectorsFolder!).tokens : null;
        const build = () => backend.build(source, temporary, chosen, context);
        writeJson(join(temporary, BUILD_FILE), await measureBuild(build, tokens, context.threads));
      }, { ...STORE_ENTRY, resume: backend.resumes && !options.force });
    }
    await backend.prepare?.(source, folder, chosen, context);
    return { folder, build: readJson(join(folder, BUILD_FILE), buildSchema, "what a build took") };
  };
  return {
    collectionHash,
    build,
    embeddingsHeader: () => {
      return vectorsFolder && isFile(join(vectorsFolder, HEADER_FILE)) ? readHeader(vectorsFolder) : null;
    },
  };
}
