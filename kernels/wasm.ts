import { blockQuery } from "./block_query.ts";
import { type Kernel, MAX_QUERY_ROWS } from "./kernel.ts";

/** What `maxsim.wasm` exports; see `wasm/maxsim.as.ts` for the meaning of the arguments. */
interface MaxsimModule {
  readonly memory: WebAssembly.Memory;
  maxsim(
    query: number,
    padded: number,
    real: number,
    dim: number,
    rows: number,
    lengths: number,
    count: number,
    scratch: number,
    best: number,
    out: number,
  ): void;
}

const PAGE = 1 << 16;
const LANES = 16;
/** Passages a call into WebAssembly. */
const BLOCK = 4096;

/** The SIMD build of the loops: runs on every machine that runs Deno. It holds at most 4 GiB of rows. */
export function wasmKernel(dim: number, capacity: number): Kernel {
  const { memory, maxsim } = instantiate();
  const query = 1024; // the first bytes stay free
  const best = query + 4 * dim * MAX_QUERY_ROWS;
  const scratch = best + 4 * MAX_QUERY_ROWS;
  const lengthsAt = align(scratch + 8 * dim);
  const outAt = lengthsAt + 4 * BLOCK;
  const rowsAt = align(outAt + 4 * BLOCK);
  const pages = Math.ceil((rowsAt + capacity) / PAGE);
  memory.grow(Math.max(0, pages - memory.buffer.byteLength / PAGE));
  const lengthsView = new Int32Array(memory.buffer, lengthsAt, BLOCK);
  const outView = new Float32Array(memory.buffer, outAt, BLOCK);
  let real = 0;
  let padded = 0;
  return {
    name: "wasm",
    rows: new Uint8Array(memory.buffer, rowsAt, capacity),
    setQuery(matrix) {
      real = matrix.rows;
      padded = Math.ceil(real / LANES) * LANES;
      blockQuery(matrix, LANES, new Float32Array(memory.buffer, query, dim * padded));
    },
    maxsim(start, lengths, out) {
      let row = rowsAt + start;
      for (let from = 0; from < lengths.length; from += BLOCK) {
        const block = lengths.subarray(from, from + BLOCK);
        lengthsView.set(block);
        maxsim(query, padded, real, dim, row, lengthsAt, block.length, scratch, best, outAt);
        out.set(outView.subarray(0, block.length), from);
        for (const length of block) row += length * dim * 2;
      }
    },
    close() {},
  };
}

function instantiate(): MaxsimModule {
  const bytes = Deno.readFileSync(new URL("./wasm/maxsim.wasm", import.meta.url));
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports as unknown as MaxsimModule;
}

function align(address: number): number {
  return Math.ceil(address / 64) * 64;
}
