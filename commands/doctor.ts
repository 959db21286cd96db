import { join } from "node:path";
import { faissName, findFaiss, HOW_TO_GET_FAISS } from "../backends/faiss_ivfpq/faiss_node/found.ts";
import { loadEncoder } from "../encoders/load.ts";
import { compileNative } from "../kernels/compile_native.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { createKernel, type KernelChoice } from "../kernels/kernel.ts";
import { LatebenchError } from "../support/errors.ts";
import { type Command, parseCommandLine } from "./command.ts";
import { verifyIndex } from "./doctor/verify.ts";
import { readMachine } from "./eval/machine.ts";

/** `deno task doctor`: what works on this machine, and why. */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "say what works on this machine: kernel builds, FAISS, encoder, memory maps",
  usage: `[options]

  --index DIR    instead: verify an index of latebench, ColBERT (PLAID), fast-plaid or next-plaid: sizes, offsets, checksums, numbers,
                 codes and lists; exit code 2 for a faulty one
  --store DIR    where compiled kernels are kept (default: .latebench)

Prints one line for each part: ok or missing, what it is, and what its absence means. The exit code is 4 where the built-in encoder or every
kernel is missing.`,
  async run(args) {
    const { values } = parseCommandLine(args, {
      options: { index: { type: "string" }, store: { type: "string", default: ".latebench" } },
    });
    if (values.index !== undefined) return await verifyIndex(values.index, values.store) ? 0 : 2;
    const { os, cpu, cores, memory_bytes } = readMachine();
    const lines = [
      `machine   ${cpu}, ${cores} cores, ${(memory_bytes / 2 ** 30).toFixed(1)} GiB; ${os}; Deno ${Deno.version.deno}`,
    ];
    lines.push(...await describeKernels(values.store));
    lines.push(describeFaiss(values.store));
    const encoder = await describeEncoder(values.store);
    lines.push(encoder.line);
    console.log(lines.join("\n"));
    return encoder.works ? 0 : 4;
  },
};

async function describeKernels(store: string): Promise<string[]> {
  const compiled = await compileNative(join(store, "kernels"));
  const native = "library" in compiled
    ? tryKernel({ name: "native", library: compiled.library })
    : `missing   native kernel: ${compiled.problem}. It is about five times as fast as WASM: install a C compiler named cc`;
  const replaced = "library" in compiled ? compiled.objections.map((line) => `note      ${line}; not loaded`) : [];
  const { choice, note } = await chooseKernel("auto", store);
  const kernel = createKernel(choice);
  const maps = kernel.mapFile
    ? "ok        memory maps: indexes open without being read"
    : "missing   memory maps: indexes are read into memory, or streamed where they are large";
  kernel.close();
  return [
    ...replaced,
    native,
    tryKernel({ name: "wasm" }),
    tryKernel({ name: "reference" }),
    maps,
    `choice    --kernel auto takes ${choice.name}${note ? ` (${note})` : ": the fastest that runs here"}`,
  ];
}

/** Loads a build and lets it add two numbers. Tells in one line what came of it, which begins with `ok` or `missing`. */
export function tryKernel(choice: KernelChoice): string {
  try {
    const { loops, instructions, lanes, close } = createKernel(choice);
    const out = new Float32Array(1);
    loops.pq_scan(Float32Array.of(1.5, 2.5), 1, 2, Uint8Array.of(1), 1, 0.5, out);
    close();
    if (out[0] !== 3) return `missing   ${choice.name} kernel: it computes ${out[0]} where 3 is right`;
    return `ok        ${choice.name} kernel: ${instructions}, ${lanes} rows side by side`;
  } catch (error) {
    return `missing   ${choice.name} kernel: ${(error as Error).message.split("\n")[0]}`;
  }
}

function describeFaiss(store: string): string {
  const found = findFaiss(store);
  if ("library" in found) return `ok        FAISS: ${faissName(found)}`;
  return `missing   FAISS: ${found.problem}. faiss-ivfpq uses its built-in IVFPQ; ${HOW_TO_GET_FAISS}`;
}

async function describeEncoder(store: string): Promise<{ works: boolean; line: string }> {
  try {
    await using encoder = await loadEncoder("builtin", { threads: 1, store, quiet: true });
    const { matrix } = await encoder.encodeQuery("does it work?");
    return {
      works: true,
      line: `ok        built-in encoder: ${encoder.config.name}, ${matrix.rows} × ${matrix.dim} for a query`,
    };
  } catch (error) {
    if (!(error instanceof LatebenchError)) throw error;
    return { works: false, line: `missing   built-in encoder: ${error.message}` };
  }
}
