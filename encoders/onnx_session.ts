import { join } from "node:path";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { badInput } from "../support/errors.ts";
import type { ExecutedNode } from "./flops/node_macs.ts";
import { readProfile } from "./flops/profile.ts";
import { loadRuntime } from "./onnx_runtime.ts";
import type { TokenisedText } from "./tokenise.ts";

/** A loaded ONNX model that turns padded batches of token ids into vectors. */
export interface OnnxSession {
  readonly inputs: readonly string[];
  /** Declared input shape `[batch, length]`; a number where the model fixes an axis, null where it is free. */
  readonly fixed: { readonly batch: number | null; readonly length: number | null };
  /** Runs one batch, padded to its longest text (or to the model's fixed length, or to `padTo`). */
  run(batch: readonly TokenisedText[], padId: number, padTo?: number | null): Promise<BatchOutput>;
  release(): Promise<void>;
  /** What each run of a profiled session executed, once it is released. */
  executedNodes(): ExecutedNode[][];
}

/** Token vectors of one batch: float32, `[batch, length, dim]`, padding included. */
export interface BatchOutput {
  readonly data: Float32Array;
  readonly length: number;
  readonly dim: number;
}

/** Input names that a text encoder may have. */
const KNOWN_INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/**
 * Opens an ONNX model with onnxruntime on the CPU.
 *
 * @param threads intra-op threads
 * @param profile an empty folder: keeps account there of every node that is executed, with the shapes of all its inputs
 * @throws {LatebenchError} exit code 4 where onnxruntime cannot be loaded, 2 where the file is no model or has unknown inputs
 */
export async function openOnnxSession(
  file: string,
  threads: number,
  { profile }: { readonly profile?: string } = {},
): Promise<OnnxSession> {
  const ort = await loadRuntime();
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...profile === undefined ? {} : {
        enableProfiling: true,
        profileFilePrefix: join(profile, "profile"),
        extra: { session: { disable_prepacking: "1" } }, // the shapes of packed weights are not told
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw badInput(file, `a file that onnxruntime cannot open (${reason})`, "an ONNX model");
  }
  const unknown = session.inputNames.find((name) => !KNOWN_INPUTS.includes(name));
  if (unknown) throw badInput(file, `an input ${unknown}`, `inputs among ${KNOWN_INPUTS.join(", ")}`);
  const shape = session.inputMetadata.flatMap((meta) => meta.isTensor ? [meta.shape] : [])[0] ?? [];
  const axis = (value: unknown) => typeof value === "number" && value > 0 ? value : null;
  const fixed = { batch: axis(shape[0]), length: axis(shape[1]) };
  return {
    inputs: session.inputNames,
    fixed,
    run: (batch, padId, padTo = null) => {
      const length = fixed.length ?? padTo ?? Math.max(...batch.map((text) => text.ids.length));
      return runBatch(ort.Tensor, session, { batch: fixed.batch ?? batch.length, length }, batch, padId, file);
    },
    async release() {
      if (profile !== undefined) session.endProfiling();
      await session.release();
    },
    executedNodes: () => profile === undefined ? [] : readProfile(profile),
  };
}

async function runBatch(
  TensorType: typeof Tensor,
  session: InferenceSession,
  { batch, length }: { readonly batch: number; readonly length: number },
  texts: readonly TokenisedText[],
  padId: number,
  file: string,
): Promise<BatchOutput> {
  const ids = new BigInt64Array(batch * length).fill(BigInt(padId));
  const attention = new BigInt64Array(batch * length);
  texts.forEach((text, row) => {
    for (let i = 0; i < text.ids.length; i++) {
      ids[row * length + i] = BigInt(text.ids[i]);
      attention[row * length + i] = BigInt(text.attention[i]);
    }
  });
  const values: Record<string, BigInt64Array> = {
    input_ids: ids,
    attention_mask: attention,
    token_type_ids: new BigInt64Array(batch * length),
  };
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) feeds[name] = new TensorType("int64", values[name], [batch, length]);
  const output = (await session.run(feeds))[session.outputNames[0]];
  if (!(output.data instanceof Float32Array) || output.dims.length !== 3) {
    throw badInput(file, `output ${output.type}[${output.dims}]`, "float32[batch, length, dim]");
  }
  return { data: output.data, length, dim: output.dims[2] };
}
