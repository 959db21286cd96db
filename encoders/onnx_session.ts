import { join } from "node:path";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { badInput } from "../support/errors.ts";
import type { ExecutedNode } from "./flops/node_macs.ts";
import { readProfile } from "./flops/profile.ts";
import { loadRuntime } from "./onnx_runtime.ts";
import type { TokenisedText } from "./tokenise.ts";
import { type Guard, UNGUARDED } from "../support/watchdog.ts";

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

/** The most texts and positions that a model may fix. */
const MAX_BATCH = 4096;
const MAX_LENGTH = 65_536;

/** Input names that a text encoder may have. */
const KNOWN_INPUTS = ["input_ids", "attention_mask", "token_type_ids"];

/**
 * Opens an ONNX model with onnxruntime on the CPU.
 *
 * @param threads intra-op threads
 * @param guard watches over every call of the runtime
 * @param profile an empty folder: keeps account there of every node that is executed, with the shapes of all its inputs
 * @throws {LatebenchError} exit code 4 where onnxruntime cannot be loaded, 2 where the file is no model or has unknown inputs
 */
export async function openOnnxSession(
  file: string,
  threads: number,
  { profile, guard = UNGUARDED }: { readonly profile?: string; readonly guard?: Guard } = {},
): Promise<OnnxSession> {
  const ort = await loadRuntime();
  let session: InferenceSession;
  try {
    const create = () =>
      ort.InferenceSession.create(file, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: "sequential",
        graphOptimizationLevel: "all",
        logSeverityLevel: 4, // errors are told as one line, by whoever catches them
        ...profile === undefined ? {} : {
          enableProfiling: true,
          profileFilePrefix: join(profile, "profile"),
          extra: { session: { disable_prepacking: "1" } }, // the shapes of packed weights are not told
        },
      });
    session = await guard(create);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw badInput(file, `a file that onnxruntime cannot open (${reason})`, "an ONNX model");
  }
  const unknown = session.inputNames.find((name) => !KNOWN_INPUTS.includes(name));
  if (unknown) throw badInput(file, `an input ${unknown}`, `inputs among ${KNOWN_INPUTS.join(", ")}`);
  const shape = session.inputMetadata.flatMap((meta) => meta.isTensor ? [meta.shape] : [])[0] ?? [];
  const axis = (value: unknown) => typeof value === "number" && value > 0 ? value : null;
  const fixed = { batch: axis(shape[0]), length: axis(shape[1]) };
  if ((fixed.batch ?? 1) > MAX_BATCH || (fixed.length ?? 1) > MAX_LENGTH) {
    throw badInput(file, `a fixed input shape [${shape}]`, `at most [${MAX_BATCH}, ${MAX_LENGTH}]`);
  }
  return {
    inputs: session.inputNames,
    fixed,
    run: (batch, padId, padTo = null) => {
      const length = fixed.length ?? padTo ?? Math.max(...batch.map((text) => text.ids.length));
      const size = { batch: fixed.batch ?? batch.length, length };
      return guard(() => runBatch(ort.Tensor, session, size, batch, padId, file));
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
  const { data, type, dims } = await runModel(session, feeds, file);
  const [first, second, dim] = dims;
  const fits = dims.length === 3 && first === batch && second === length && data.length === batch * length * dim;
  if (!(data instanceof Float32Array) || !fits || dim < 1) {
    throw badInput(file, `output ${type}[${dims}]`, `float32[${batch}, ${length}, dim]: a vector for each position`);
  }
  return { data, length, dim };
}

/** The first output; what the runtime says of an error is one line. */
async function runModel(session: InferenceSession, feeds: Record<string, Tensor>, file: string): Promise<Tensor> {
  try {
    return (await session.run(feeds))[session.outputNames[0]];
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
    throw badInput(file, `a model that cannot be run (${reason})`, "a vector for each token id");
  }
}
