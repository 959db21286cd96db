import { join } from "node:path";
import type { BackendContext, BuildSource } from "../../backends/backend.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { type ParsedSpec, parseSpec } from "../../backends/spec.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { embeddingsFolder, holdEmbeddings, holdEncoded } from "../../encoders/embeddings/encode_collection.ts";
import { type EmbeddingsHeader, readHeader } from "../../encoders/embeddings/format.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import { type BuildRecord, buildSchema } from "../../eval/results/cost_schema.ts";
import { writeFolderAtomic } from "../../support/atomic_folder.ts";
import { writeJson } from "../../support/atomic_write.ts";
import { artefactKey } from "../../support/hash.ts";
import { readJson } from "../../support/json.ts";
import { lockFolder } from "../../support/lock.ts";
import type { TargetRules } from "../../support/owned_folder.ts";
import { isFile } from "../../support/paths.ts";
import { type HeldFolder, holdFolder } from "../../support/shared_folder.ts";
import { measureBuild } from "./measure_build.ts";

/** An index in the store. */
export interface BuiltIndex {
  readonly folder: string;
  readonly build: BuildRecord;
}

/** The embeddings and indexes of one data set, built when they are first asked for and kept in the store. */
export interface Artefacts extends Disposable {
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
 * meets an old artefact. Any number of processes may use a store: what one of them has opened here stays until it is disposed of.
 *
 * @param options `force` makes this data set's artefacts anew before they are used again
 */
export function openArtefacts(
  dataset: Dataset,
  encoder: Encoder | null,
  context: BackendContext,
  options: { readonly store: string; readonly force: boolean; readonly quiet: boolean },
): Artefacts {
  const collectionHash = dataset.contentHash();
  const held = new DisposableStack();
  const known = new Map<string, HeldFolder>();
  const holdOnce = async (path: string, hold: () => Promise<HeldFolder | null>): Promise<HeldFolder | null> => {
    const before = known.get(path);
    if (before) return before;
    const found = await hold();
    if (found) known.set(path, held.use(found));
    return found;
  };
  const vectorsFolder = encoder && embeddingsFolder(options.store, dataset, encoder);
  const openEmbeddings = async () => {
    if (!encoder || !vectorsFolder) throw new TypeError("The encoder was not loaded");
    const how = { ...options, anew: options.force };
    return (await holdOnce(vectorsFolder, () => holdEmbeddings(dataset, encoder, vectorsFolder, how)))!.folder;
  };
  const source: BuildSource = {
    dataset,
    embeddings: async () => readEmbeddings(await openEmbeddings()),
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
    const path = join(options.store, "indexes", `${dataset.name}-${backend.name}-${key}`);
    const make = async (target: string) => {
      await backend.setUp?.(chosen, context);
      const tokens = vectors ? readHeader(await openEmbeddings()).tokens : null; // encoding does not count as building
      await writeFolderAtomic(target, async (temporary) => {
        const build = () => backend.build(source, temporary, chosen, context);
        writeJson(join(temporary, BUILD_FILE), await measureBuild(build, tokens, context.threads));
      }, { ...STORE_ENTRY, resume: backend.resumes && !options.force });
    };
    const isWhole = (folder: string) => isFile(join(folder, BUILD_FILE));
    const how = { rules: STORE_ENTRY, isWhole, make, anew: options.force };
    const { folder } = (await holdOnce(path, () => holdFolder(path, how)))!;
    // Results tell of the embeddings, too, where they are there.
    if (vectors && vectorsFolder) await holdOnce(vectorsFolder, () => holdEncoded(vectorsFolder));
    if (backend.prepare) {
      using _lock = await lockFolder(path);
      await backend.prepare(source, folder, chosen, context);
    }
    return { folder, build: readJson(join(folder, BUILD_FILE), buildSchema, "what a build took") };
  };
  return {
    collectionHash,
    build,
    embeddingsHeader: () => {
      const folder = vectorsFolder && known.get(vectorsFolder)?.folder;
      return folder ? readHeader(folder) : null;
    },
    [Symbol.dispose]: () => held.dispose(),
  };
}
