import { join } from "node:path";
import { badInput, notAvailable, quote, usageError } from "../support/errors.ts";
import { artefactKey, sha256File } from "../support/hash.ts";
import { limitHint, type LimitName, limits } from "../support/limits.ts";
import { fromFileUrl } from "../support/paths.ts";
import { startWatchdog, UNGUARDED, type Watchdog } from "../support/watchdog.ts";
import type { EncoderConfig } from "./config.ts";
import type { Encoder } from "./encoder.ts";
import { encodeWritten } from "./blank_passages.ts";
import { keptForwardMacs, macsOf } from "./flops/forward_macs.ts";
import { downloadModel, keptModel } from "./hub.ts";
import { readModelFolder } from "./model_folder.ts";
import { finishRow } from "./normalise.ts";
import { onnxRuntimeVersion } from "./onnx_runtime.ts";
import { openOnnxSession } from "./onnx_session.ts";
import { defaultLayout, type EncodingLayout, startPassageEncoder } from "./passage_encoder.ts";
import { probeModel } from "./probe.ts";
import { parseEncoderSpec } from "./spec.ts";
import { tokenisePassage, tokeniseQuery } from "./tokenise.ts";

/** Encoders that come with latebench, folders of `encoders/models/`. */
export const BUILT_IN: readonly string[] = ["builtin"];

/** How an encoder is opened. */
export interface LoadOptions {
  /** Threads for queries (intra-op) and for passages. */
  readonly threads: number;
  /** How passages use the threads (default: {@link defaultLayout}). The vectors depend on the batch size. */
  readonly layout?: EncodingLayout;
  /** Where downloaded models are kept. */
  readonly store: string;
  readonly quiet: boolean;
  /** Whether a model of the hub may be downloaded (default true); else it must lie in the store. */
  readonly download?: boolean;
}

/**
 * Opens an encoder and probes its model.
 *
 * @param spec `builtin`, a local folder (or one ONNX file in it), or `hf:owner/name` of the model hub; with
 *   `:dim=N`, only the first N columns of its vectors, with unit length again; with `:pool_factor=N`, one in N rows of a passage
 * @throws {LatebenchError} where the model or its configuration cannot be used, or the model was not made for N columns
 */
export async function loadEncoder(spec: string, options: LoadOptions): Promise<Encoder> {
  const { model } = parseEncoderSpec(spec);
  const path = await resolveFolder(model, options);
  const watchdog = BUILT_IN.includes(model) ? null : watchEncoder(path);
  try {
    return await openEncoder(spec, path, options, watchdog);
  } catch (error) {
    watchdog?.[Symbol.dispose]();
    throw error;
  }
}

/** Watches over the calls of a foreign model and tokenizer in this thread, where nothing else could end them. */
function watchEncoder(path: string): Watchdog {
  const { model_seconds, text_seconds } = limits();
  const line = (found: string, name: LimitName) => badInput(path, found, `less (${limitHint(name)})`).message;
  return startWatchdog([
    { seconds: model_seconds, line: line(`a model that runs for more than ${model_seconds} s`, "model_seconds") },
    {
      seconds: text_seconds,
      line: line(`a tokenizer that takes more than ${text_seconds} s for a text`, "text_seconds"),
    },
  ]);
}

async function openEncoder(
  spec: string,
  path: string,
  options: LoadOptions,
  watchdog: Watchdog | null,
): Promise<Encoder> {
  const { dim: wanted, poolFactor } = parseEncoderSpec(spec);
  const [guard, textGuard] = watchdog?.guards ?? [UNGUARDED, UNGUARDED];
  const folder = readModelFolder(path, textGuard);
  const { modelFile, tokenizerFile, vocabulary } = folder;
  const config = withPooling(withDim(folder.config, wanted, spec), poolFactor);
  const session = await openOnnxSession(modelFile, options.threads, { guard });
  const probe = await probeModel(modelFile, session, folder.config, vocabulary.wordPieces);
  const normalised = probe.normalised && config.dim === probe.dim;
  const modelHash = sha256File(modelFile);
  const kept = join(options.store, "models");
  const forwardMacs = await keptForwardMacs(kept, modelHash, modelFile, session.fixed, config.pad_id, guard);
  const worker = { modelFile, tokenizerFile, config, normalised, fixedBatch: session.fixed.batch, forwardMacs };
  const passages = startPassageEncoder(worker, options.layout ?? defaultLayout(options.threads));
  return {
    config,
    hash: artefactKey({ config, model: modelHash, tokenizer: sha256File(tokenizerFile) }),
    modelFile,
    modelBytes: Deno.statSync(modelFile).size,
    runtime: `onnxruntime-node ${await onnxRuntimeVersion()}`,
    async encodeQuery(text) {
      const tokens = tokeniseQuery(text, config, vocabulary.wordPieces);
      const { data, length, dim: columns } = await session.run([tokens], config.pad_id);
      const { dim } = config;
      const macs = forwardMacs && macsOf(forwardMacs, session.fixed.batch ?? 1, length);
      const rows = tokens.ids.length;
      const kept = new Float32Array(rows * dim);
      for (let r = 0; r < rows; r++) {
        const row = kept.subarray(r * dim, (r + 1) * dim);
        row.set(data.subarray(r * columns, r * columns + dim));
        finishRow(row, normalised, modelFile);
      }
      return { matrix: { data: kept, rows, dim }, macs };
    },
    encodePassages: (texts, onProgress) =>
      encodeWritten(texts, config.dim, (written) => passages.encode(written, onProgress)),
    tokens(text, as) {
      if (as === "passage" && config.pool_factor) return []; // rows are means of several tokens
      const tokenise = as === "query" ? tokeniseQuery : tokenisePassage;
      const { ids, keep } = tokenise(text, config, vocabulary.wordPieces);
      return ids.filter((_, position) => keep[position]).map((id) => vocabulary.token(id));
    },
    async [Symbol.asyncDispose]() {
      passages.close();
      watchdog?.[Symbol.dispose]();
      await session.release();
    },
  };
}

async function resolveFolder(model: string, { store, quiet, download = true }: LoadOptions): Promise<string> {
  if (BUILT_IN.includes(model)) return fromFileUrl(new URL(`./models/${model}/`, import.meta.url));
  if (model.startsWith("hf:")) {
    const [repository, models] = [model.slice(3), join(store, "models")];
    const kept = keptModel(repository, models);
    if (kept !== null) return kept;
    if (download) return await downloadModel(repository, models, quiet);
    throw notAvailable(`encoder ${quote(model)} is not in ${store}: \`deno task setup --encoder ${model}\` fetches it`);
  }
  return model;
}

function withPooling(config: EncoderConfig, factor: number | null): EncoderConfig {
  return factor === null || factor === 1 ? config : { ...config, pool_factor: factor };
}

function withDim(config: EncoderConfig, dim: number | null, spec: string): EncoderConfig {
  if (dim === null || dim === config.dim) return config;
  if (!config.shorter_dims.includes(dim)) {
    const known = [config.dim, ...config.shorter_dims].join(", ");
    throw usageError(`--encoder ${spec}: ${config.name} was made for ${known} columns, not for ${dim}`);
  }
  return { ...config, dim };
}
