import type { Loops } from "./loops.ts";
import { nativeKernel } from "./native.ts";
import { referenceLoops } from "./reference.ts";
import { createWasmMemory, wasmKernel } from "./wasm.ts";

/** The builds of the inner loops. Every result names the one that ran. */
export type KernelName = "native" | "wasm" | "reference";

/** Known builds, fastest first. */
export const KERNELS: readonly KernelName[] = ["native", "wasm", "reference"];

/** A build that can run here; can be sent to workers, which then share its memory. */
export type KernelChoice =
  | { readonly name: "native"; readonly library: string }
  | { readonly name: "wasm"; readonly memory?: WebAssembly.Memory }
  | { readonly name: "reference" };

/** A build of the inner loops, for one thread. */
export interface Kernel {
  readonly name: KernelName;
  /** Rows that stand side by side in blocked rows. */
  readonly lanes: number;
  /** The instructions that it uses, for people. */
  readonly instructions: string;
  /** Bytes are multiplied many times as fast as floats (AMX tiles). */
  readonly fastBytes: boolean;
  readonly loops: Loops;
  /**
   * Room that other threads can share (send the array to them) and that the loops reach without copying. Other arrays work as well;
   * the WASM build copies them at every call.
   */
  allocate(bytes: number): Uint8Array<SharedArrayBuffer>;
  /** Room for one thread's queries and scratch, which the garbage collector takes back. */
  scratch(bytes: number): Uint8Array<ArrayBuffer>;
  /** Maps a file into memory for reading; null where the file is shorter than `bytes`. Missing where the build cannot. */
  mapFile?(path: string, bytes: number): MappedFile | null;
  /** Loops that show what the machine can do, for the benchmark. */
  readonly limits?: Limits;
  /** Frees what the kernel holds outside the garbage collector's reach. */
  close(): void;
}

/** A file in memory, as long as it is not disposed of: the array must not be used afterwards. */
export interface MappedFile extends Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Tells the system how the file will be read (`madvise`). */
  advise(pattern: "normal" | "sequential" | "random" | "soon"): void;
}

/** The machine's limits in a build's own instructions. */
export interface Limits {
  /** Floats a vector of `fma`. */
  readonly lanes: number;
  /** Runs `rounds` × 64 fused multiply–adds of vectors without touching memory. */
  fma(rounds: number): void;
  copy(to: Uint8Array, from: Uint8Array): void;
}

/** The build with memory that kernels of several threads share, where it needs some of its own for that. */
export function withSharedMemory(choice: KernelChoice): KernelChoice {
  return choice.name === "wasm" ? { name: "wasm", memory: choice.memory ?? createWasmMemory() } : choice;
}

/** Keeps a build loaded while several kernels of it are made and closed one after the other. */
export function holdKernel(choice: KernelChoice): Disposable {
  const kernel = choice.name === "native" ? createKernel(choice) : null;
  return { [Symbol.dispose]: () => kernel?.close() };
}

/** Loads a build. */
export function createKernel(choice: KernelChoice): Kernel {
  switch (choice.name) {
    case "native":
      return nativeKernel(choice.library);
    case "wasm":
      return wasmKernel(choice.memory);
    case "reference":
      return {
        name: "reference",
        lanes: 1,
        instructions: "TypeScript",
        fastBytes: false,
        loops: referenceLoops,
        allocate: (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)),
        scratch: (bytes) => new Uint8Array(bytes),
        close() {},
      };
  }
}
