import type { z } from "zod";
import type { Dataset, Metadata, RankedPassage } from "../datasets/dataset.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";
import type { Encoder, Matrix } from "../encoders/encoder.ts";
import type { Macs } from "../encoders/flops/macs.ts";
import type { KernelChoice } from "../kernels/kernel.ts";
import type { Verification } from "./vectors/verify.ts";

/** A query as backends see it. Lexical backends read the text, late-interaction backends the vectors. */
export interface BackendQuery {
  readonly id: string;
  readonly text: string;
  /** `[rows, dim]`; has 0 rows for an empty query. Missing where no asked-for backend needs an encoder. */
  readonly matrix?: Matrix;
  /** The data set's own candidates for this query, where it has some. */
  readonly candidates?: readonly RankedPassage[];
}

/** One step of a search. The stages of a search add up to its whole work. */
export interface Stage {
  readonly name: string;
  /** Wall time, ms. */
  readonly ms: number;
  /** Multiply–accumulates (FLOPs are twice this), of floats and of integers. */
  readonly macs: Macs;
  /** Bytes of the index that were read. */
  readonly bytes: number;
  /** Passages left after the stage. */
  readonly candidates: number;
}

/** Which passages a search may find. Both conditions hold where both are given. */
export interface PassageFilter {
  /** Only these passages; none of them found where the list is empty. */
  readonly ids?: Iterable<string>;
  /** Only passages for which this holds, by what the collection says of them besides their text. */
  readonly where?: (metadata: Metadata, id: string) => boolean;
}

/** How a passage fared in a search. */
export interface PassageTrace {
  readonly id: string;
  /** Every stage, until the passage was lost. */
  readonly stages: readonly TracedStage[];
  /** Its place in the ranking, from 1; null where it is not in it. */
  readonly rank: number | null;
}

/** One passage in one stage of a search. */
export interface TracedStage {
  readonly name: string;
  readonly kept: boolean;
  /** Its score here, and the lowest score that was kept; null where the stage gives none. */
  readonly score: number | null;
  readonly cut: number | null;
  /** Where a stage has no scores: what it would have taken to keep the passage, for people. */
  readonly hint?: () => string;
}

/** A ranking: scores never increase, ties are in passage order, no id occurs twice. */
export interface SearchResult {
  readonly ids: readonly string[];
  readonly scores: Float32Array;
  /** Empty where the index was opened without tracing. */
  readonly stages: readonly Stage[];
  /** Options that this search widened, and to what, since it would have found too few passages. */
  readonly widened?: Readonly<Record<string, number>>;
}

/** What one file of an index is for. */
export interface FootprintFile {
  readonly name: string;
  readonly purpose:
    | "vectors"
    | "vectors in int8"
    | "centroids"
    | "codes"
    | "residuals"
    | "IVF"
    | "postings"
    | "passage map"
    | "neighbours"
    | "texts"
    | "settings";
  readonly bytes: number;
}

/** What an index costs. */
export interface Footprint {
  readonly files: readonly FootprintFile[];
  /** Bytes that the open index holds in memory, buffers of workers included. */
  readonly memoryBytes: number;
}

/** An open index. Searches may run concurrently. */
export interface Index extends AsyncDisposable {
  /** Number of passages. */
  readonly passages: number;
  /** All options in effect, defaults and what the index itself decides included. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * The best `k` passages (fewer where the index has or finds fewer). `k = 0` and an empty query give an empty ranking.
   *
   * @param filter which passages may be found; only where the backend is `filterable`
   * @throws {RangeError} for a `k` that is negative or no whole number
   * @throws {LatebenchError} for a filter with ids that the index does not have
   */
  search(query: BackendQuery, k: number, filter?: PassageFilter): Promise<SearchResult>;
  /**
   * Scores just these passages; the order of `ids` does not matter.
   *
   * @throws {LatebenchError} for an id that the index does not have
   */
  rerank(query: BackendQuery, ids: readonly string[]): Promise<SearchResult>;
  /** Options in effect that depend on `k`. */
  settingsFor?(k: number): Readonly<Record<string, unknown>>;
  /** How passages fare in a search for `k`: for explanations, not for speed. Ids that the index does not have are left out. */
  trace?(query: BackendQuery, k: number, ids: readonly string[]): Promise<readonly PassageTrace[]>;
  /** The products of a passage's stored vectors with a query's, `[query rows, passage rows]`. */
  interactions?(query: BackendQuery, id: string): Promise<Matrix>;
  footprint(): Footprint;
}

/** What a backend can do, as data. */
export interface Capabilities {
  /** Finds passages in the whole collection, and does not only re-rank. */
  readonly endToEnd: boolean;
  /** What it needs of a query and of the collection. */
  readonly input: "text" | "vectors";
  /** Has `update` and `compact`. */
  readonly updatable: boolean;
  readonly filterable: boolean;
  /** Same index, same query: same ranking, whatever the number of threads. */
  readonly deterministic: boolean;
  readonly concurrent: boolean;
}

/** What an index is built from. */
export interface BuildSource {
  readonly dataset: Dataset;
  /** The collection's vectors; encodes it first where that was not done. */
  embeddings(): Promise<Embeddings>;
  /** The folder of another backend's index of the same collection, built where it is missing. */
  index(spec: string): Promise<string>;
}

/** What changes in an index. Passages that go, go first: a passage is replaced by removing it and adding it. */
export interface IndexChange {
  /** Passages that come, after all others in passage order; null for none. */
  readonly added: BuildSource | null;
  /** Ids of passages that go. */
  readonly removed: readonly string[];
}

/** An index after a change. */
export interface UpdatedIndex {
  /** Number of passages. */
  readonly passages: number;
  /** What the user should know, one line each: that centroids have drifted from the passages. */
  readonly warnings: readonly string[];
}

/** What indexes need of the program around them. */
export interface BackendContext extends Verification {
  readonly threads: number;
  readonly kernel: KernelChoice;
  /** The folder of artefacts, for what is made once for a machine, and for notes of verified files. */
  readonly store: string;
  readonly quiet: boolean;
  /** Whether searches tell their stages (default true); off while latency is measured. */
  readonly tracing?: boolean;
  /** Hash of the encoder that makes the queries; an index with vectors of another one does not open. */
  readonly encoderHash?: string;
  /** For backends that encode passages while they search. */
  encoder?(): Promise<Encoder>;
  /** The spec was read from the index, which may be somebody else's: files outside of the index that it names are not opened. */
  readonly ownFilesOnly?: boolean;
  /** Opens the index in `folder` with the backend that a spec names, as `context` says. */
  open(spec: string, folder: string, context: BackendContext): Promise<Index>;
}

/** One way to search a collection. `Options` are the field's names and defaults, see each backend. */
export interface Backend<Options extends object = object> {
  readonly name: string;
  /** Version of its index on disk; an index of another version is built anew. */
  readonly version: number;
  /** One line for lists. */
  readonly summary: string;
  readonly capabilities: Capabilities;
  readonly options: z.ZodObject & z.ZodType<Options>;
  /** The options that decide about the index on disk; the others can be changed from search to search. */
  readonly buildOptions: readonly string[];
  /** A build continues what an interrupted one left in its folder. */
  readonly resumes?: boolean;
  /** Makes ready what it needs of the machine; that takes time once, and is not part of building. */
  setUp?(options: Options, context: BackendContext): Promise<void>;
  /**
   * Fills the empty folder `folder` (or goes on in one, where it `resumes`). The caller gives the folder its name when this is
   * done, so that an interrupted build is never taken for whole.
   */
  build(source: BuildSource, folder: string, options: Options, context: BackendContext): Promise<void>;
  /**
   * Makes what some options want of a whole index and is not there yet. Must leave a usable index wherever it is interrupted.
   */
  prepare?(source: BuildSource, folder: string, options: Options, context: BackendContext): Promise<void>;
  /**
   * Changes an index. The caller gives it a folder of its own, whose files others read under other names (hard links): they are
   * replaced, never written into. The folder takes the old one's place when this is done (`living/change.ts`).
   *
   * @throws {LatebenchError} for an id to remove that the index does not have, and one to add that it has
   */
  update?(folder: string, change: IndexChange, options: Options, context: BackendContext): Promise<UpdatedIndex>;
  /** Writes an index without the traces of updates, in a folder as `update` gets it. Rankings stay the same. */
  compact?(folder: string, options: Options, context: BackendContext): Promise<UpdatedIndex>;
  /**
   * Opens an index.
   *
   * @throws {LatebenchError} where the folder holds no whole index of this backend
   */
  open(folder: string, options: Options, context: BackendContext): Promise<Index>;
}
