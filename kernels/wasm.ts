import type { Kernel } from "./kernel.ts";
import type { Loops } from "./loops.ts";
import { type Parameter, SIGNATURES } from "./signatures.ts";

/** What `loops.wasm` exports: the loops with addresses for arrays, and two for the benchmark. */
type Exports = Record<keyof Loops, (...values: number[]) => void> & {
  fma_peak(rounds: number): number;
  copy_bytes(to: number, from: number, count: number): void;
};

type View = ArrayBufferView<ArrayBufferLike> & { readonly length: number };

/** 4 GiB, all that 32-bit addresses reach: pages that are not used take no memory. */
const PAGES = 65536;
const LINE = 64;
/** Where the number of used lines stands: counted with atomics, since threads share the memory. The first line stays free. */
const USED = 0;
/** Room for the arrays of a call that lie elsewhere; a call that needs more takes more. */
const ROOM = 1 << 20;

/** Memory that WASM kernels of several threads can share. */
export function createWasmMemory(): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
  new Int32Array(memory.buffer, USED, 1)[0] = 1;
  return memory;
}

/** The SIMD build of the loops: runs on every machine that runs Deno. Arrays outside its memory are copied at each call. */
export function wasmKernel(memory = createWasmMemory()): Kernel {
  const bytes = Deno.readFileSync(new URL("./wasm/loops.wasm", import.meta.url));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const exports = instance.exports as unknown as Exports;
  const buffer = memory.buffer as unknown as SharedArrayBuffer;
  const allocate = (size: number) => {
    const lines = Math.ceil(size / LINE);
    const first = Atomics.add(new Int32Array(buffer, USED, 1), 0, lines);
    if ((first + lines) * LINE > buffer.byteLength) throw new RangeError("The WASM kernel holds at most 4 GiB");
    return new Uint8Array(buffer, first * LINE, size);
  };
  let room = allocate(ROOM);

  const call = (name: keyof Loops, parameters: readonly Parameter[], values: readonly (View | number | null)[]) => {
    const elsewhere = (value: View | number | null) => {
      return value !== null && typeof value !== "number" && value.buffer !== buffer ? lineUp(value.byteLength) : 0;
    };
    const needed = values.reduce<number>((sum, value) => sum + elsewhere(value), 0);
    if (needed > room.length) room = allocate(2 * needed);
    let free = room.byteOffset;
    const back: [to: View, address: number][] = [];
    const numbers = values.map((value, i) => {
      if (value === null) return 0;
      if (typeof value === "number") return value;
      if (value.buffer === buffer) return value.byteOffset;
      const address = free;
      free += lineUp(value.byteLength);
      if (parameters[i] === "in") new Uint8Array(buffer, address).set(bytesOf(value));
      if (parameters[i] === "out") back.push([value, address]);
      return address;
    });
    exports[name](...numbers);
    for (const [to, address] of back) bytesOf(to).set(new Uint8Array(buffer, address, to.byteLength));
  };
  const loops = Object.fromEntries(
    Object.entries(SIGNATURES).map(([name, parameters]) => {
      return [name, (...values: (View | number | null)[]) => call(name as keyof Loops, parameters, values)];
    }),
  );
  return {
    name: "wasm",
    lanes: 16,
    instructions: "WebAssembly SIMD of 128 bits, relaxed",
    fastBytes: false,
    loops: loops as unknown as Loops,
    allocate,
    scratch: (bytes) => new Uint8Array(bytes),
    limits: {
      lanes: 4,
      fma: (rounds) => void exports.fma_peak(rounds),
      copy: (to, from) => exports.copy_bytes(to.byteOffset, from.byteOffset, from.length),
    },
    close() {},
  };
}

function bytesOf(view: View): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function lineUp(size: number): number {
  return Math.ceil(size / LINE) * LINE;
}
