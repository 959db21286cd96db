import type { EncoderConfig } from "./config.ts";
import type { Macs } from "./flops/macs.ts";

/** Row-major vectors: `data` holds `[rows, dim]`. */
export interface Matrix {
  /** float32, `rows * dim` values. */
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** The kept token vectors of some passages, one passage after the other. */
export interface EncodedPassages {
  /** fp16, `[sum(lengths), dim]`, unit length for cosine models. */
  readonly rows: Float16Array<ArrayBuffer>;
  /** Vectors of each passage. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly dim: number;
  /** Work of the forward passes, padding included, from executed shapes; null where shapes do not tell (`flops/`). */
  readonly macs: Macs | null;
}

/** An encoded query and what it cost. */
export interface EncodedQuery {
  /** One row a token position, `[MASK]` positions included where the model augments queries. */
  readonly matrix: Matrix;
  /** Work of the forward pass; null where shapes do not tell. */
  readonly macs: Macs | null;
}

/** A late-interaction encoder: text in, one vector a token out. */
export interface Encoder {
  /** Everything that decides about the vectors; stored with all that was made from them, and compared when it is opened. */
  readonly config: EncoderConfig;
  /** Hash of `config`, model file and tokenizer file. */
  readonly hash: string;
  /** Path of the model file, and its bytes. */
  readonly modelFile: string;
  readonly modelBytes: number;
  /** How the encoder runs here, for the results file, e.g. `onnxruntime-node 1.30.0, 2 threads`. */
  readonly runtime: string;
  /** Encodes one query (ColBERT: SIGIR'20 §3.2, query encoder). */
  encodeQuery(text: string): Promise<EncodedQuery>;
  /**
   * Encodes passages (SIGIR'20 §3.2, passage encoder): sorted by length, in batches that are padded to their longest. The
   * vectors depend on the batches, and these on the passages given here alone, never on the number of threads. A blank text has no
   * vectors.
   *
   * @param onProgress is told how many passages are done, after every batch
   */
  encodePassages(texts: readonly string[], onProgress?: (done: number) => void): Promise<EncodedPassages>;
  /** The tokens that a text's rows stand for, in their order: for explanations. None where rows are means of several (pooling). */
  tokens(text: string, as: "query" | "passage"): readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}
