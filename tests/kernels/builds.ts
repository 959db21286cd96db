import { join } from "node:path";
import { type Compiled, compileNative } from "../../kernels/compile_native.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../kernels/kernel.ts";
import { TEST_STORE } from "../fixtures/store.ts";

let known: Promise<KernelChoice[]> | undefined;

const STORE = join(TEST_STORE, "kernels");

/** What older CPUs have, and the macro that says that this one has it too. */
const OLDER = [["x86-64", "__x86_64__"], ["x86-64-v3", "__AVX2__"], ["x86-64-v4", "__AVX512BW__"]] as const;

/**
 * Every build that runs here, compiled once: the native one last, before it those for older CPUs of this kind. Without a C compiler they
 * are left out, with a line that says so.
 */
export function builds(): Promise<KernelChoice[]> {
  return known ??= (async () => {
    const native = await compileNative(STORE);
    const libraries: string[] = [];
    if ("problem" in native) console.warn(`native kernels are not tested: ${native.problem}`);
    else {
      for (const [machine, macro] of OLDER) {
        if (!native.macros.includes(`#define ${macro} `)) continue;
        const older: Compiled = await compileNative(STORE, machine);
        if ("library" in older) libraries.push(older.library);
      }
      libraries.push(native.library);
    }
    return [
      { name: "reference" },
      { name: "wasm" },
      ...libraries.map((library) => ({ name: "native" as const, library })),
    ];
  })();
}

/** Runs `act` with every build; what it gives for the reference is given to the others. */
export async function withBuilds<T>(act: (kernel: Kernel, expected: T | undefined) => T): Promise<void> {
  let expected: T | undefined;
  for (const choice of await builds()) {
    const kernel = createKernel(choice);
    const found = act(kernel, expected);
    if (choice.name === "reference") expected = found;
    kernel.close();
  }
}

/** Seeded numbers in [-1, 1). */
export function randomValues(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
}

/** fp16 bits of numbers. */
export function halfBits(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  return new Uint16Array(Float16Array.from(values).buffer);
}
