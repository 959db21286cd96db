import { join } from "node:path";
import { z } from "zod";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../kernels/kernel.ts";
import { productsI8, quantisedWidth, quantiseQueries, quantiseRows } from "../../kernels/maxsim_i8.ts";
import { column, type TopK, topK } from "../../kernels/top_k.ts";
import { openHashed } from "../../support/atomic_write.ts";
import { badInput } from "../../support/errors.ts";
import { readFile } from "../../support/open_file.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { startProgress } from "../../support/progress.ts";
import { type Access, floats, halves, openRowReader, readShared, type RowFile } from "../vectors/rows.ts";
import { checkFinite } from "../check_content.ts";
import { type Verification, verifyFiles } from "../vectors/verify.ts";
import { type FdeEncoder, type FdeSettings, openFdeEncoder } from "./encoding.ts";

const HEADER = "muvera.json";
const FILES = { values: "fde.values", scales: "fde.scales" } as const;

/** What drawing an encoding may take, numbers: settings that ask for more are those of no index. */
const MOST_DRAWN = 2 ** 27;

const count = z.int().min(1).max(2 ** 20);
const file = z.strictObject({ bytes: z.int().min(0), sha256: z.string() });
const header = z.strictObject({
  format: z.literal("latebench-muvera"),
  dim: count,
  dims: z.int().min(1),
  settings: z.strictObject({
    k_sim: z.int().min(1).max(10),
    d_proj: count,
    r_reps: count,
    d_final: z.int().min(0),
    seed: z.int(),
    draw: z.literal("mixed").optional().describe("missing: as before seeds were mixed"),
  }),
  files: z.strictObject({ values: file, scales: file }),
});

/** The encodings of a collection, open. */
export interface EncodedCollection extends Disposable {
  readonly kernel: Kernel;
  readonly encoder: FdeEncoder;
  /** Bytes of the encodings, and those of them that are held in memory. */
  readonly bytes: number;
  readonly memoryBytes: number;
  /** The `depth` passages whose encodings have the largest products with a query's. */
  nearest(query: Float32Array, depth: number): TopK;
}

/** Encodes all passages into `folder`, as int8 with a scale for each. */
export function encodePassages(
  folder: string,
  { lengths, shards, header: { dim, dataset } }: Embeddings,
  options: FdeSettings,
  { kernel: choice, quiet }: { readonly kernel: KernelChoice; readonly quiet: boolean },
): void {
  const kernel = createKernel(choice);
  const { k_sim, d_proj, r_reps, d_final, seed } = options;
  const settings = { k_sim, d_proj, r_reps, d_final, seed, draw: "mixed" } as const;
  const encoder = openFdeEncoder(kernel, dim, settings);
  const { dims } = encoder;
  const width = quantisedWidth(dims);
  const progress = startProgress(`fixed dimensional encodings of ${dataset}`, lengths.length, "passages", { quiet });
  using values = openHashed(join(folder, FILES.values));
  using scales = openHashed(join(folder, FILES.scales));
  using reader = openRowReader(kernel, "stream");
  for (const { file, first, passages, tokens } of shards) {
    const rows = halves(reader.read({ file, bytes: tokens * dim * 2 }));
    const encoded = encoder.passages(rows, lengths.subarray(first, first + passages));
    const quantised = { width, values: new Uint8Array(passages * width), scales: new Float32Array(passages) };
    quantiseRows(kernel, encoded, dims, quantised, new Float32Array(passages));
    values.write(quantised.values);
    scales.write(new Uint8Array(quantised.scales.buffer));
    progress.update(first + passages);
  }
  progress.stop();
  kernel.close();
  const written: z.infer<typeof header> = {
    format: "latebench-muvera",
    dim,
    dims,
    settings,
    files: { values: values.commit(), scales: scales.commit() },
  };
  writeSealedJson(join(folder, HEADER), written);
}

/**
 * Opens the encodings of an index.
 *
 * @param embeddings the index's own: a passage without vectors is never found
 * @throws {LatebenchError} for files that are not those that were written, or do not fit the passages
 */
export function openEncoded(
  folder: string,
  { lengths, header: { dim: columns } }: Pick<Embeddings, "lengths" | "header">,
  { kernel: choice, ...verification }: Verification & { readonly kernel: KernelChoice },
): EncodedCollection {
  const { dim, dims, settings, files } = readHeader(join(folder, HEADER), columns, lengths.length);
  const path = (name: keyof typeof FILES) => join(folder, FILES[name]);
  const checkScales = () => checkFinite(path("scales"), floats(readFile(path("scales"))));
  verifyFiles([
    { file: path("values"), ...files.values },
    { file: path("scales"), ...files.scales, check: checkScales },
  ], verification);
  const kernel = createKernel(choice);
  const access: Access = kernel.mapFile ? "map" : "resident";
  const reader = openRowReader(kernel, access);
  const open = (name: keyof typeof FILES) => {
    const plain: RowFile = { file: path(name), bytes: files[name].bytes };
    return reader.read(access === "map" ? plain : readShared(kernel, plain));
  };
  const rows = { width: quantisedWidth(dims), values: open("values"), scales: floats(open("scales")) };
  const bytes = files.values.bytes + files.scales.bytes;
  return {
    kernel,
    encoder: openFdeEncoder(kernel, dim, settings),
    bytes,
    memoryBytes: access === "map" ? 0 : bytes,
    nearest(query, depth) {
      const quantised = quantiseQueries(kernel, [{ data: query, rows: 1, dim: dims }]);
      const stride = quantised.vectors * kernel.lanes;
      const products = new Float32Array(lengths.length * stride);
      productsI8(kernel, quantised, rows, products);
      const scores = column(products, 0, stride);
      lengths.forEach((length, passage) => {
        if (length === 0) scores[passage] = -Infinity;
      });
      return topK(scores, depth);
    },
    [Symbol.dispose]() {
      reader[Symbol.dispose]();
      kernel.close();
    },
  };
}

/** Reads the header of an index of so many passages: every number in it must follow from the others. */
function readHeader(file: string, columns: number, passages: number): z.infer<typeof header> {
  const known = readSealedJson(file, header, "the header of a MUVERA index");
  const { dim, dims, settings: { k_sim, d_proj, r_reps, d_final }, files: { values, scales } } = known;
  const whole = r_reps * 2 ** k_sim * d_proj;
  if (dim !== columns) throw badInput(file, `vectors of ${dim} dimensions`, `${columns}, as the index has`);
  if (whole > MOST_DRAWN || r_reps * (k_sim + d_proj) * dim > MOST_DRAWN) {
    throw badInput(file, `encodings of ${whole} columns from ${dim}`, "smaller ones");
  }
  const left = d_final === 0 ? whole : Math.min(d_final, whole);
  if (dims !== left) throw badInput(file, `encodings of ${dims} columns`, `${left}, as its settings say`);
  const sizes = [passages * quantisedWidth(dims), 4 * passages];
  if (values.bytes !== sizes[0] || scales.bytes !== sizes[1]) {
    throw badInput(file, `files of ${values.bytes} and ${scales.bytes} bytes`, `${sizes.join(" and ")}`);
  }
  return known;
}
