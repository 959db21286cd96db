import { blockQuery } from "./block_query.ts";
import type { Kernel } from "./kernel.ts";

/** What `native/kernels.c` exports; the meaning of the arguments stands there. */
const SYMBOLS = {
  lanes: { parameters: [], result: "i32" },
  maxsim: {
    parameters: ["buffer", "i32", "i32", "i32", "buffer", "buffer", "i32", "buffer", "buffer"],
    result: "void",
  },
} as const;

/** Rows that the C code widens at a time, at the most. */
const BLOCK = 8;

/**
 * The build that the machine's own C compiler made.
 *
 * @param library see `compileNative`
 */
export function nativeKernel(library: string, dim: number, capacity: number): Kernel {
  const native = Deno.dlopen(library, SYMBOLS);
  const lanes = native.symbols.lanes();
  const rows = new Uint8Array(capacity);
  let query: Float32Array<ArrayBuffer> = new Float32Array(0);
  let scratch: Float32Array<ArrayBuffer> = new Float32Array(0);
  let vectors = 0;
  let real = 0;
  return {
    name: "native",
    rows,
    setQuery(matrix) {
      real = matrix.rows;
      vectors = Math.ceil(real / lanes);
      query = new Float32Array(vectors * dim * lanes);
      blockQuery(matrix, lanes, query);
      scratch = new Float32Array(BLOCK * dim + vectors * lanes);
    },
    maxsim(start, lengths, out) {
      const { maxsim } = native.symbols;
      maxsim(query, vectors, real, dim, rows.subarray(start), lengths, lengths.length, scratch, out);
    },
    close: () => native.close(),
  };
}
