import { join } from "node:path";
import { z } from "zod";
import { openHashed } from "../../support/atomic_write.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { createKernel, type KernelChoice } from "../../kernels/kernel.ts";
import { quantisedWidth, quantiseRows } from "../../kernels/maxsim_i8.ts";
import { halves, openRowReader, type RowFile } from "./rows.ts";
import { badInput } from "../../support/errors.ts";
import { readFile } from "../../support/open_file.ts";
import { checkFinite } from "../check_content.ts";
import { type Verification, verifyFiles } from "./verify.ts";

/** Rows of neighbouring passages in int8. */
export interface GuidePart {
  /** Number of their first passage. */
  readonly first: number;
  /** uint8 `[tokens, width]`, 128 more than they mean. */
  readonly values: RowFile;
  /** float32 `[tokens]`. */
  readonly scales: RowFile;
}

/** A collection's rows in int8, which say what each passage can score at the most. */
export interface Guide {
  readonly width: number;
  /** In passage order. */
  readonly parts: readonly GuidePart[];
  /** For each passage the largest norm of its rows, and the largest norm of what quantising them lost: float32 `[passages, 2]`. */
  readonly bounds: Float32Array;
}

const FILES = { values: "guide.values", scales: "guide.scales", bounds: "guide.bounds" } as const;
const file = z.strictObject({ bytes: z.int().min(0), sha256: z.string() });
const header = z.strictObject({ width: z.int(), values: file, scales: file, bounds: file });

/** Writes the guide of a collection into `folder`. */
export function writeGuide(folder: string, embeddings: Embeddings, choice: KernelChoice): void {
  const { lengths, header: { dim } } = embeddings;
  const kernel = createKernel(choice);
  using reader = openRowReader(kernel, "stream");
  const width = quantisedWidth(dim);
  const bounds = new Float32Array(2 * lengths.length);
  using values = openHashed(join(folder, FILES.values));
  using scales = openHashed(join(folder, FILES.scales));
  using boundsFile = openHashed(join(folder, FILES.bounds));
  for (const { file, tokens, first, passages } of embeddings.shards) {
    const rows = halves(reader.read({ file, bytes: tokens * dim * 2 }));
    const quantised = {
      width,
      values: new Uint8Array(tokens * width),
      scales: new Float32Array(tokens),
    };
    const errors = new Float32Array(tokens);
    quantiseRows(kernel, rows, dim, quantised, errors);
    passageBounds(rows, dim, errors, lengths.subarray(first, first + passages), bounds.subarray(2 * first));
    values.write(quantised.values);
    scales.write(new Uint8Array(quantised.scales.buffer));
  }
  kernel.close();
  boundsFile.write(new Uint8Array(bounds.buffer));
  const written = { values: values.commit(), scales: scales.commit(), bounds: boundsFile.commit() };
  writeSealedJson(join(folder, "guide.json"), { width, ...written });
}

/** Vectors that have a guide beside them. */
export interface GuidedPart {
  readonly folder: string;
  readonly embeddings: Pick<Embeddings, "header">;
}

/**
 * Opens the guide of an index, which has one in every part of it.
 *
 * @throws {LatebenchError} for files that are not those that were written, and do not fit the vectors
 */
export function openGuide(guided: readonly [GuidedPart, ...GuidedPart[]], verification: Verification = {}): Guide {
  const parts: GuidePart[] = [];
  const bounds: Float32Array[] = [];
  let width = 0;
  let first = 0;
  for (const { folder, embeddings: { header: { dim, passages, tokens } } } of guided) {
    const known = readSealedJson(join(folder, "guide.json"), header, "an int8 guide");
    const names = ["values", "scales", "bounds"] as const;
    const sizes = { values: tokens * quantisedWidth(dim), scales: 4 * tokens, bounds: 8 * passages };
    const wrong = names.find((name) => known[name].bytes !== sizes[name]);
    if (known.width !== quantisedWidth(dim) || wrong) {
      const place = join(folder, "guide.json");
      throw badInput(place, `${wrong ?? `rows of ${known.width}`} of another size`, `${tokens} vectors of ${dim}`);
    }
    const check = (name: keyof typeof FILES) => () => checkFinite(join(folder, FILES[name]), readFloats(folder, name));
    verifyFiles(
      names.map((name) => ({
        file: join(folder, FILES[name]),
        ...known[name],
        ...name === "values" ? {} : { check: check(name) },
      })),
      verification,
    );
    const rows = (name: "values" | "scales"): RowFile => ({
      file: join(folder, FILES[name]),
      bytes: known[name].bytes,
    });
    parts.push({ first, values: rows("values"), scales: rows("scales") });
    bounds.push(readFloats(folder, "bounds"));
    first += bounds[bounds.length - 1].length / 2;
    width = known.width;
  }
  const all = new Float32Array(2 * first);
  parts.forEach((part, i) => all.set(bounds[i], 2 * part.first));
  return { width, parts, bounds: all };
}

function readFloats(folder: string, name: keyof typeof FILES): Float32Array<ArrayBuffer> {
  return new Float32Array(readFile(join(folder, FILES[name])).buffer);
}

function passageBounds(
  rows: Uint16Array,
  dim: number,
  errors: Float32Array,
  lengths: Int32Array,
  bounds: Float32Array,
): void {
  const values = new Float16Array(rows.buffer, rows.byteOffset, rows.length);
  let row = 0;
  lengths.forEach((length, passage) => {
    let norm = 0;
    let error = 0;
    for (const end = row + length; row < end; row++) {
      let squares = 0;
      for (let d = row * dim; d < (row + 1) * dim; d++) squares += values[d] * values[d];
      norm = Math.max(norm, squares);
      error = Math.max(error, errors[row]);
    }
    bounds[2 * passage] = Math.sqrt(norm) * (1 + 2 ** -20);
    bounds[2 * passage + 1] = error;
  });
}
