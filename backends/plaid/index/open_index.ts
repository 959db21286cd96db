import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../../../support/json.ts";
import { createKernel, type Kernel, type KernelChoice, withSharedMemory } from "../../../kernels/kernel.ts";
import { startsOf } from "../../../kernels/maxsim.ts";
import { type QuantisedRows, quantisedWidth, quantiseRows } from "../../../kernels/maxsim_i8.ts";
import { checkEncoder } from "../../vectors/open_vectors.ts";
import { type Access, halves, openRowReader, readShared, type RowFile } from "../../vectors/rows.ts";
import { verifyFiles } from "../../vectors/verify.ts";
import { FILES, type PlaidHeader, readPlaidHeader } from "./format.ts";

/** Everything that a thread needs to search an index; can be sent to workers, which then share all of it. */
export interface PlaidSetup {
  readonly kernel: KernelChoice;
  readonly access: Access;
  readonly header: PlaidHeader;
  readonly files: Readonly<Record<"centroids" | "codes" | "residuals" | "norms" | "lists", RowFile>>;
  /** Tokens of each passage, and the number of its first one. */
  readonly lengths: Int32Array<SharedArrayBuffer>;
  readonly starts: Float64Array<SharedArrayBuffer>;
  /** The centroids in int8; null where searches need none. */
  readonly centroidsI8: QuantisedRows | null;
  /** First byte of each centroid's list. */
  readonly listStarts: Float64Array<SharedArrayBuffer>;
  /** Whether searches tell their stages (default true). */
  readonly tracing?: boolean;
}

/** An index, opened. */
export interface OpenedPlaid {
  readonly setup: PlaidSetup;
  /** Passage ids in passage order. */
  readonly ids: readonly string[];
  /** Bytes of files that were read into memory; none where they are mapped. */
  readonly residentBytes: number;
}

/**
 * Opens an index: files are mapped where the kernel can, else read into memory that all threads share. Checksums are compared
 * once, lengths always.
 *
 * @throws {LatebenchError} for files that are not those that were written, and for another encoder's index
 */
export function openPlaidIndex(
  folder: string,
  { kernel, encoderHash, int8, tracing }: {
    readonly kernel: KernelChoice;
    readonly encoderHash?: string;
    /** Whether searches multiply with centroids in int8. */
    readonly int8: boolean;
    readonly tracing?: boolean;
  },
): OpenedPlaid {
  const header = readPlaidHeader(folder);
  checkEncoder(folder, header.encoder, encoderHash);
  const names = Object.keys(FILES) as (keyof typeof FILES)[];
  const path = (name: keyof typeof FILES) => join(folder, FILES[name]);
  const record = join(folder, ".verified.json");
  verifyFiles(record, names.map((name) => ({ file: path(name), ...header.files[name] })));
  const choice = withSharedMemory(kernel);
  const own = createKernel(choice);
  const access: Access = own.mapFile ? "map" : "resident";
  const open = (name: keyof typeof FILES): RowFile => {
    const file = { file: path(name), bytes: header.files[name].bytes };
    return access === "map" ? file : readShared(own, file);
  };
  const files = {
    centroids: open("centroids"),
    codes: open("codes"),
    residuals: open("residuals"),
    norms: open("norms"),
    lists: open("lists"),
  };
  const centroidsI8 = int8 ? quantiseCentroids(own, access, files.centroids, header) : null;
  own.close();
  const lengths = readLengths(path("lengths"), header);
  return {
    setup: {
      kernel: choice,
      access,
      header,
      files,
      centroidsI8,
      tracing,
      lengths,
      starts: startsOf(lengths),
      listStarts: startsOf(Int32Array.from(new Uint32Array(Deno.readFileSync(path("listSizes")).buffer))),
    },
    ids: readJson(path("ids"), z.array(z.string()).length(header.passages), "the ids of an index's passages"),
    residentBytes: access === "map" ? 0 : Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function quantiseCentroids(
  kernel: Kernel,
  access: Access,
  file: RowFile,
  { dim, partitions }: PlaidHeader,
): QuantisedRows {
  using reader = openRowReader(kernel, access);
  const width = quantisedWidth(dim);
  const values = kernel.allocate(partitions * width);
  const scales = new Float32Array(new SharedArrayBuffer(4 * partitions));
  const rows = { width, values, scales };
  quantiseRows(kernel, halves(reader.read(file)), dim, rows, new Float32Array(partitions));
  return rows;
}

function readLengths(file: string, { passages, length_bytes }: PlaidHeader): Int32Array<SharedArrayBuffer> {
  const { buffer } = Deno.readFileSync(file);
  const lengths = new Int32Array(new SharedArrayBuffer(4 * passages));
  lengths.set(length_bytes === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer));
  return lengths;
}
