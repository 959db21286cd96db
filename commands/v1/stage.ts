import type { ParseArgsConfig } from "node:util";
import type { BackendContext } from "../../backends/backend.ts";
import { faissIvfpq } from "../../backends/faiss_ivfpq/faiss_ivfpq.ts";
import { importV1Index } from "../../backends/faiss_ivfpq/v1/import_folder.ts";
import { passageRange, readV1Index, type V1Index } from "../../backends/faiss_ivfpq/v1/index_folder.ts";
import { parseSpec } from "../../backends/spec.ts";
import type { Query } from "../../datasets/dataset.ts";
import { readTsvQueries } from "../../datasets/formats/tsv.ts";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { Encoder, Matrix } from "../../encoders/encoder.ts";
import { KERNELS } from "../../kernels/kernel.ts";
import { usageError } from "../../support/errors.ts";
import { oneOf, parseCommandLine, positiveNumber } from "../command.ts";
import { openSetup, type SetupOptions } from "../eval/setup.ts";

/** Options that every stage has. */
export const STAGE_OPTIONS = {
  encoder: { type: "string", default: "builtin" },
  kernel: { type: "string", default: "auto" },
  threads: { type: "string", default: String(navigator.hardwareConcurrency) },
  store: { type: "string", default: ".latebench" },
  quiet: { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

/** What help says of {@link STAGE_OPTIONS}. */
export const STAGE_USAGE = `  --encoder ID|DIR   what made, or makes, the vectors (default: builtin)
  --kernel BUILD     auto (default), ${KERNELS.join(", ")}
  --threads N        default: all cores
  --store DIR        where embeddings are kept (default: .latebench)
  --quiet            no progress`;

/** Parses a stage's arguments; v1's own spelling with underscores is understood too. */
export function parseStage<O extends NonNullable<ParseArgsConfig["options"]>>(args: readonly string[], options: O) {
  const dashed = args.map((arg) =>
    arg.startsWith("--") ? arg.replace(/^[^=]+/, (name) => name.replaceAll("_", "-")) : arg
  );
  return parseCommandLine(dashed, { options: { ...STAGE_OPTIONS, ...options } }).values;
}

/** @throws {LatebenchError} exit code 1 where the option is missing */
export function needed(stage: string, option: string, value: string | undefined): string {
  if (value === undefined) throw usageError(`v1 ${stage}: --${option} is needed`);
  return value;
}

/** The program's parts that a stage works with. */
export interface Stage extends AsyncDisposable {
  readonly encoder: Encoder;
  readonly context: BackendContext;
  readonly options: SetupOptions;
}

/** Opens encoder and kernel. */
export async function openStage(values: {
  readonly encoder: string;
  readonly kernel: string;
  readonly threads: string;
  readonly store: string;
  readonly quiet: boolean;
}): Promise<Stage> {
  const options: SetupOptions = {
    encoder: values.encoder,
    kernel: oneOf("kernel", values.kernel, ["auto", ...KERNELS]),
    threads: positiveNumber("threads", values.threads),
    store: values.store,
    quiet: values.quiet,
  };
  const setup = await openSetup([parseSpec("faiss-ivfpq", [faissIvfpq])], options);
  return {
    encoder: setup.encoder!,
    context: setup.context,
    options,
    [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
  };
}

/** An index folder with its rows. */
export interface StageIndex {
  readonly index: V1Index;
  readonly embeddings: Embeddings;
}

/** Opens an index folder of v1. */
export async function openStageIndex(folder: string, { encoder, options }: Stage): Promise<StageIndex> {
  const index = await readV1Index(folder);
  return { index, embeddings: await importV1Index(index, encoder, options) };
}

/** The queries of a file, encoded one after the other. */
export async function encodeQueries(
  file: string,
  { encoder }: Stage,
): Promise<{ readonly query: Query; readonly matrix: Matrix }[]> {
  const encoded = [];
  for (const query of readTsvQueries(file)) {
    encoded.push({ query, matrix: (await encoder.encodeQuery(query.text)).matrix });
  }
  return encoded;
}

/**
 * The passages of `--part-range a..b`: parts from a on, without b.
 *
 * @throws {LatebenchError} exit code 1 for ranges that are none
 */
export function readPartRange(index: V1Index, range: string | undefined): readonly [first: number, end: number] {
  const { length } = index.parts;
  if (range === undefined) return passageRange(index, 0, length);
  const match = /^(\d+)\.\.(\d+)$/.exec(range);
  const [from, until] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || from >= until || until > length) {
    throw usageError(`--part-range ${range}: two parts a..b are needed, 0 ≤ a < b ≤ ${length}`);
  }
  return passageRange(index, from, until);
}

/** Passage numbers that lie within a range. */
export function within(numbers: Int32Array, [first, end]: readonly [number, number]): Int32Array<ArrayBuffer> {
  return numbers.filter((number) => number >= first && number < end);
}
