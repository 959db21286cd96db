import { chooseKernel } from "../../kernels/choose.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../kernels/kernel.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

let known: Promise<KernelChoice[]> | undefined;

/** Every build that runs here, compiled once; without a C compiler the native one is left out, with a line that says so. */
export function builds(): Promise<KernelChoice[]> {
  return known ??= (async () => {
    using store = temporaryFolder();
    const { choice, note } = await chooseKernel("auto", store.path);
    if (note) console.warn(note);
    const native = choice.name === "native" ? [{ ...choice, library: keep(choice.library) }] : [];
    return [{ name: "reference" }, { name: "wasm" }, ...native];
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

/** Moves the library out of the folder that goes away with the block. */
function keep(library: string): string {
  const kept = Deno.makeTempFileSync({ suffix: ".so" });
  Deno.copyFileSync(library, kept);
  return kept;
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
