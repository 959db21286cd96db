import type { BackendContext } from "../../backends/backend.ts";
import type { Verify } from "../../backends/vectors/verify.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { type ParsedSpec, parseSpec } from "../../backends/spec.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import { loadEncoder } from "../../encoders/load.ts";
import { chooseKernel } from "../../kernels/choose.ts";
import type { KernelName } from "../../kernels/kernel.ts";

/** What commands that search or build are told about the machine and the encoder. */
export interface SetupOptions {
  readonly encoder: string;
  readonly kernel: KernelName | "auto";
  readonly threads: number;
  readonly store: string;
  readonly quiet: boolean;
  /** Specs and encoder were read from an index, which may be somebody else's: they make nothing be downloaded, and no file be opened. */
  readonly ofIndex?: boolean;
  /** When checksums of large files are compared (default: once). */
  readonly verify?: Verify;
}

/** Kernel and encoder, opened. */
export interface Setup extends AsyncDisposable {
  /** Null where no system needs one. */
  readonly encoder: Encoder | null;
  /** Time that loading it took, ms; null without one. */
  readonly encoderMs: number | null;
  readonly context: BackendContext;
}

/** Opens what some systems need. */
export async function openSetup(systems: readonly ParsedSpec[], options: SetupOptions): Promise<Setup> {
  const { choice: kernel, note } = await chooseKernel(options.kernel, options.store);
  if (note && !options.quiet) console.error(note);
  const started = performance.now();
  const encoder = systems.some(usesEncoder)
    ? await loadEncoder(options.encoder, { ...options, download: !options.ofIndex })
    : null;
  const encoderMs = encoder && performance.now() - started;
  const context: BackendContext = {
    threads: options.threads,
    kernel,
    store: options.store,
    quiet: options.quiet,
    verify: options.verify,
    encoderHash: encoder?.hash,
    encoder: encoder ? () => Promise.resolve(encoder) : undefined,
    ownFilesOnly: options.ofIndex,
    open: openBySpec,
  };
  return {
    encoder,
    encoderMs,
    context,
    async [Symbol.asyncDispose]() {
      await encoder?.[Symbol.asyncDispose]();
    },
  };
}

/** Opens an index by the spec that it has within another one. */
export const openBySpec: BackendContext["open"] = (spec, folder, context) => {
  const { backend, options } = parseSpec(spec, BACKENDS);
  return backend.open(folder, options, context);
};

/** Whether a system works with vectors. */
export function usesEncoder({ backend }: ParsedSpec): boolean {
  return backend.capabilities.input === "vectors";
}
