import type { Kernel } from "./kernel.ts";
import type { Loops } from "./loops.ts";
import { type Parameter, SIGNATURES } from "./signatures.ts";

const FFI = { in: "buffer", out: "buffer", scratch: "buffer", i32: "i32", f32: "f32" } as const satisfies Record<
  Parameter,
  string
>;

/** What `native/kernels.c` exports beside the loops. */
const OWN = {
  lanes: { parameters: [], result: "i32" },
  instructions: { parameters: [], result: "pointer" },
  fast_bytes: { parameters: [], result: "i32" },
  fma_peak: { parameters: ["i32"], result: "f32" },
  copy_bytes: { parameters: ["buffer", "buffer", "i64"], result: "void" },
  map_file: { parameters: ["buffer", "i64"], result: "pointer" },
  advise: { parameters: ["pointer", "i64", "i32"], result: "i32" },
  unmap_file: { parameters: ["pointer", "i64"], result: "i32" },
} as const;

/** All that a library of this kernel exports. */
export const NATIVE_SYMBOLS: readonly string[] = [...Object.keys(OWN), ...Object.keys(SIGNATURES)];

/**
 * Libraries that are loaded in this thread, and how many kernels use each: loading one takes longer than opening a small index,
 * since Deno compiles a call for every function of it.
 */
const loaded = new Map<string, { readonly kernel: Kernel; users: number }>();

/**
 * The build that the machine's own C compiler made. Its loops reach every array, memory-mapped files included. Kernels of one library
 * share it; the last to close unloads it.
 *
 * @param library see `compileNative`
 */
export function nativeKernel(library: string): Kernel {
  const entry = loaded.get(library) ?? { kernel: load(library), users: 0 };
  loaded.set(library, entry);
  entry.users++;
  let open = true;
  return {
    ...entry.kernel,
    close() {
      if (!open) return;
      open = false;
      if (--entry.users > 0) return;
      loaded.delete(library);
      entry.kernel.close();
    },
  };
}

function load(library: string): Kernel {
  const loops = Object.fromEntries(
    Object.entries(SIGNATURES).map(([name, parameters]) => {
      return [name, { parameters: parameters.map((parameter) => FFI[parameter]), result: "void" }] as const;
    }),
  );
  const native = Deno.dlopen(library, { ...OWN, ...loops });
  const { lanes, instructions, fast_bytes, fma_peak, copy_bytes, map_file, advise, unmap_file } = native.symbols;
  return {
    name: "native",
    lanes: lanes(),
    instructions: Deno.UnsafePointerView.getCString(instructions()!),
    fastBytes: fast_bytes() === 1,
    loops: native.symbols as unknown as Loops,
    allocate: (bytes) => aligned(new SharedArrayBuffer(bytes + LINE), bytes),
    scratch: (bytes) => aligned(new ArrayBuffer(bytes + LINE), bytes),
    limits: {
      lanes: lanes(),
      fma: (rounds) => fma_peak(rounds),
      copy: (to, from) => copy_bytes(to as BufferSource, from as BufferSource, BigInt(from.length)),
    },
    mapFile(path, bytes) {
      const address = map_file(new TextEncoder().encode(`${path}\0`), BigInt(bytes));
      if (address === null) return null;
      let mapped = true;
      return {
        bytes: new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(address, bytes)),
        advise(pattern) {
          advise(address, BigInt(bytes), ["normal", "sequential", "random", "soon"].indexOf(pattern));
        },
        [Symbol.dispose]() {
          if (mapped) unmap_file(address, BigInt(bytes));
          mapped = false;
        },
      };
    },
    close: () => native.close(),
  };
}

/** Vectors that lie across two cache lines cost a tenth of the speed. */
const LINE = 64;

function aligned<B extends ArrayBufferLike>(buffer: B, bytes: number): Uint8Array<B> {
  const whole = new Uint8Array(buffer);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(whole as Uint8Array<ArrayBuffer>));
  return new Uint8Array(buffer, Number(-BigInt(address) & BigInt(LINE - 1)), bytes);
}
