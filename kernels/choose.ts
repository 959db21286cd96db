import { join } from "node:path";
import { notAvailable } from "../support/errors.ts";
import { createKernel, type KernelChoice, type KernelName } from "./kernel.ts";
import { compileNative } from "./compile_native.ts";

/** A kernel build, and why it is this one. */
export interface ChosenKernel {
  readonly choice: KernelChoice;
  /** One line, where a faster build cannot run here. */
  readonly note?: string;
}

/**
 * Picks the fastest kernel build that runs here, or the one asked for.
 *
 * @param wanted `auto`: native where a C compiler is, else WASM
 * @param store the folder of artefacts; compiled kernels are kept in `kernels/` there
 * @throws {LatebenchError} exit code 4 where `native` is asked for and cannot be had
 */
export async function chooseKernel(wanted: KernelName | "auto", store: string): Promise<ChosenKernel> {
  if (wanted === "wasm" || wanted === "reference") return { choice: { name: wanted } };
  const compiled = await compileNative(join(store, "kernels"));
  const problem = "library" in compiled ? loadingProblem(compiled.library) : compiled.problem;
  if ("library" in compiled && problem === null) return { choice: { name: "native", library: compiled.library } };
  if (wanted === "native") throw notAvailable(`--kernel native: ${problem}`);
  return { choice: { name: "wasm" }, note: `native kernel not available (${problem}); using wasm` };
}

/** Why a library does not load, in one line: its file system may forbid programs; null where it does. */
function loadingProblem(library: string): string | null {
  try {
    createKernel({ name: "native", library }).close();
    return null;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
