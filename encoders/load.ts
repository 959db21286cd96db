import { join } from "node:path";
import { artefactKey, sha256File } from "../support/hash.ts";
import { fromFileUrl } from "../support/paths.ts";
import type { Encoder } from "./encoder.ts";
import { forwardMacs } from "./flops.ts";
import { downloadModel } from "./hub.ts";
import { readModelFolder } from "./model_folder.ts";
import { normaliseRow } from "./normalise.ts";
import { onnxRuntimeVersion, openOnnxSession } from "./onnx_session.ts";
import { startPassageEncoder } from "./passage_encoder.ts";
import { probeModel } from "./probe.ts";
import { tokeniseQuery } from "./tokenise.ts";

/** How an encoder is opened. */
export interface LoadOptions {
  /** Threads for queries (intra-op) and for passages (workers of one thread each). */
  readonly threads: number;
  /** Where downloaded models are kept. */
  readonly store: string;
  readonly quiet: boolean;
}

/**
 * Opens an encoder and probes its model.
 *
 * @param spec `builtin`, a local folder (or one ONNX file in it), or `hf:owner/name` of the model hub
 * @throws {LatebenchError} where the model or its configuration cannot be used
 */
export async function loadEncoder(spec: string, options: LoadOptions): Promise<Encoder> {
  const folder = readModelFolder(await resolveFolder(spec, options));
  const { config, modelFile, tokenizerFile, vocabulary } = folder;
  const session = await openOnnxSession(modelFile, options.threads);
  const probe = await probeModel(modelFile, session, config, vocabulary.wordPieces);
  const { normalised } = probe;
  const worker = { modelFile, tokenizerFile, config, normalised, fixedBatch: session.fixed.batch };
  const passages = startPassageEncoder(worker, options.threads);
  return {
    config,
    hash: artefactKey({ config, model: sha256File(modelFile), tokenizer: sha256File(tokenizerFile) }),
    modelBytes: Deno.statSync(modelFile).size,
    runtime: `onnxruntime-node ${await onnxRuntimeVersion()}`,
    async encodeQuery(text) {
      const tokens = tokeniseQuery(text, config, vocabulary.wordPieces);
      const { data, length, dim } = await session.run([tokens], config.pad_id);
      const rows = tokens.ids.length;
      const kept = data.slice(0, rows * dim);
      if (!normalised) { for (let r = 0; r < rows; r++) normaliseRow(kept.subarray(r * dim, (r + 1) * dim)); }
      return { matrix: { data: kept, rows, dim }, macs: forwardMacs(config, 1, length) };
    },
    encodePassages: (texts, onProgress) => passages.encode(texts, onProgress),
    async [Symbol.asyncDispose]() {
      passages.close();
      await session.release();
    },
  };
}

async function resolveFolder(spec: string, { store, quiet }: LoadOptions): Promise<string> {
  if (spec === "builtin") return fromFileUrl(new URL("./models/builtin/", import.meta.url));
  if (spec.startsWith("hf:")) return await downloadModel(spec.slice(3), join(store, "models"), quiet);
  return spec;
}
