import type { Matrix } from "../encoders/encoder.ts";
import { nativeKernel } from "./native.ts";
import { referenceKernel } from "./reference.ts";
import { wasmKernel } from "./wasm.ts";

/** The builds of the inner loops. Every result names the one that ran. */
export type KernelName = "native" | "wasm" | "reference";

/** Known builds, fastest first. */
export const KERNELS: readonly KernelName[] = ["native", "wasm", "reference"];

/** A build that can run here; plain data, so that it can be sent to workers. */
export type KernelChoice =
  | { readonly name: "native"; readonly library: string }
  | { readonly name: "wasm" }
  | { readonly name: "reference" };

/** MaxSim over fp16 rows that lie in the kernel's own memory. One kernel serves one thread. */
export interface Kernel {
  readonly name: KernelName;
  /** The memory for passage rows (fp16, little endian); the caller fills it. */
  readonly rows: Uint8Array;
  /**
   * Sets the query for the calls that follow.
   *
   * @param query `[rows, dim]`, at most {@link MAX_QUERY_ROWS} rows
   */
  setQuery(query: Matrix): void;
  /**
   * Scores passages whose rows lie one after the other: `out[i] = Σ_q max_t q · row_t` (SIGIR'20, equation 3), accumulated in
   * float32; −∞ for a passage without rows.
   *
   * @param start first byte of the first row within `rows`
   * @param lengths rows of each passage
   * @param out one score a passage
   */
  maxsim(start: number, lengths: Int32Array<ArrayBuffer>, out: Float32Array<ArrayBuffer>): void;
  /** Frees what the kernel holds outside the garbage collector's reach. */
  close(): void;
}

/** Query rows that a kernel has room for. */
export const MAX_QUERY_ROWS = 1024;

/**
 * Makes a kernel.
 *
 * @param dim columns of all rows
 * @param capacity bytes of the memory for rows
 */
export function createKernel(choice: KernelChoice, dim: number, capacity: number): Kernel {
  switch (choice.name) {
    case "native":
      return nativeKernel(choice.library, dim, capacity);
    case "wasm":
      return wasmKernel(dim, capacity);
    case "reference":
      return referenceKernel(dim, capacity);
  }
}
