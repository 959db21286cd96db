import type { Rows } from "../../../kernels/loops.ts";
import { badInput } from "../../../support/errors.ts";
import { numbersOf } from "../../vectors/rows.ts";

/** Whose files: Stanford's ColBERT (`colbert/indexing`), fast-plaid (which PyLate uses), next-plaid. */
export const FOREIGN_FORMATS = ["stanford", "fast-plaid", "next-plaid"] as const;
export type ForeignFormat = typeof FOREIGN_FORMATS[number];

/** All that latebench writes into such an index. */
export const FOREIGN_NAMES = new RegExp(
  String
    .raw`^(\d+\.(codes|residuals)\.(npy|pt)|\d+\.metadata\.json|doclens\.\d+\.json|(metadata|plan|latebench\.ids)\.json` +
    String
      .raw`|(centroids|avg_residual|buckets|bucket_(cutoffs|weights)|cluster_threshold|ivf|ivf_lengths|ivf\.pid)\.(npy|pt))$`,
);

/** Neighbouring passages of an index, in files of their own. */
export interface ForeignChunk {
  /** Tokens of each passage. */
  readonly doclens: readonly number[];
  readonly tokens: number;
  /** The centroid of each token. */
  codes(): Int32Array;
  /** uint8 `[tokens, dim · nbits / 8]`, packed as everywhere (`docs/formats.md`). */
  residuals(): Uint8Array;
}

/** An index of another engine, looked over; codes and residuals are read when they are asked for. */
export interface ForeignIndex {
  readonly format: ForeignFormat;
  readonly folder: string;
  readonly dim: number;
  readonly nbits: number;
  readonly partitions: number;
  readonly passages: number;
  readonly tokens: number;
  /** fp16 or float32 `[partitions, dim]`. */
  readonly centroids: Rows;
  /** float32 `[2^nbits − 1]` and `[2^nbits]`. */
  readonly cutoffs: Float32Array;
  readonly weights: Float32Array;
  /** Mean |residual|: of all dimensions together, or of each. */
  readonly averageResidual: Float32Array;
  readonly chunks: readonly ForeignChunk[];
  /** For each centroid the passages that have a token there, list after list, and the lists' lengths. */
  readonly lists: { readonly passages: Int32Array; readonly lengths: Int32Array };
  /** Passage ids, where latebench wrote the index; these engines know numbers only. */
  readonly ids: readonly string[] | null;
  /** What only this format has, to be written again as it was. */
  readonly kept: KeptDetails;
}

/** What an index of another engine says besides the index itself. */
export interface KeptDetails {
  /** Its JSON files, by name. */
  readonly json: Record<string, unknown>;
  /** Whether the buckets' weights are fp16. */
  readonly half_weights?: boolean;
  /** Shape of the mean |residual|. */
  readonly residual_shape?: number[];
  /** fast-plaid's and next-plaid's bound beyond which a row is an outlier. */
  readonly cluster_threshold?: number;
}

/** File of passage ids that latebench writes beside the engines' own, which do not look at it. */
export const IDS_FILE = "latebench.ids.json";

/**
 * Checks what every index must fulfil before its chunks are read.
 *
 * @throws {LatebenchError} for sizes that do not fit together, numbers that are none, and buckets out of order
 */
export function checkCodebook(
  index: Pick<
    ForeignIndex,
    | "folder"
    | "dim"
    | "nbits"
    | "partitions"
    | "centroids"
    | "cutoffs"
    | "weights"
    | "averageResidual"
  >,
): void {
  const { folder, dim, nbits, partitions, centroids, cutoffs, weights, averageResidual } = index;
  const expect = (holds: boolean, found: string, expected: string) => {
    if (!holds) throw badInput(folder, found, expected);
  };
  expect([1, 2, 4, 8].includes(nbits), `${nbits} bits`, "1, 2, 4 or 8");
  expect(dim > 0 && (dim * nbits) % 8 === 0, `${dim} dimensions of ${nbits} bits`, "residuals that fill whole bytes");
  expect(
    partitions > 0 && centroids.length === partitions * dim,
    `${centroids.length} numbers`,
    `${partitions} centroids of ${dim}`,
  );
  expect(cutoffs.length === 2 ** nbits - 1, `${cutoffs.length} cutoffs`, `${2 ** nbits - 1}`);
  expect(weights.length === 2 ** nbits, `${weights.length} weights`, `${2 ** nbits}`);
  expect([1, dim].includes(averageResidual.length), `${averageResidual.length} mean residuals`, `1 or ${dim}`);
  const named = { centroids: numbersOf(centroids), cutoffs, weights, "mean residuals": averageResidual };
  checkNumbers(folder, named);
  for (const [name, numbers] of [["cutoffs", cutoffs], ["weights", weights]] as const) {
    const at = numbers.findIndex((value, i) => i > 0 && value < numbers[i - 1]);
    expect(at < 0, `${name} that fall at ${at}`, "ascending ones");
  }
}

/**
 * Adds up the lengths of an index's lists.
 *
 * @throws {LatebenchError} for a negative one
 */
export function countListed(file: string, lengths: Int32Array): number {
  const wrong = lengths.findIndex((length) => length < 0);
  if (wrong >= 0) throw badInput(file, `a list of ${lengths[wrong]} passages`, "0 or more");
  return lengths.reduce((sum, length) => sum + length, 0);
}

/** @throws {LatebenchError} for a NaN and for infinities */
export function checkNumbers(folder: string, named: Readonly<Record<string, ArrayLike<number>>>): void {
  for (const [name, numbers] of Object.entries(named)) {
    const at = Array.prototype.findIndex.call(numbers, (value) => !Number.isFinite(value));
    if (at >= 0) throw badInput(folder, `${name} with a NaN or infinity at ${at}`, "numbers");
  }
}

/**
 * Checks a chunk's numbers.
 *
 * @throws {LatebenchError} for a centroid that is not there, and for numbers that are too few or many
 */
export function checkChunk(
  place: string,
  codes: Int32Array,
  residuals: Uint8Array,
  { tokens, bytes, partitions }: { readonly tokens: number; readonly bytes: number; readonly partitions: number },
): void {
  if (codes.length !== tokens) throw badInput(place, `${codes.length} codes`, `${tokens}, as the document lengths say`);
  if (residuals.length !== bytes) throw badInput(place, `${residuals.length} bytes of residuals`, `${bytes}`);
  const wrong = codes.findIndex((code) => code < 0 || code >= partitions);
  if (wrong >= 0) throw badInput(place, `centroid ${codes[wrong]} for token ${wrong}`, `one below ${partitions}`);
}
