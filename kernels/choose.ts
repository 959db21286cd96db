import { join } from "node:path";
import { notAvailable } from "../support/errors.ts";
import type { KernelChoice, KernelName } from "./kernel.ts";
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
  if ("library" in compiled) return { choice: { name: "native", library: compiled.library } };
  if (wanted === "native") throw notAvailable(`--kernel native: ${compiled.problem}`);
  return { choice: { name: "wasm" }, note: `native kernel not available (${compiled.problem}); using wasm` };
}
