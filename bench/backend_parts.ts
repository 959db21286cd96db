import type { BackendContext, BuildSource } from "../backends/backend.ts";
import type { Dataset } from "../datasets/dataset.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";

const noOther = () => Promise.reject(new Error("no other index"));

/** A context for backends that need no other index. */
export function backendContext(
  { threads, kernel, store, encoderHash }: Pick<BackendContext, "threads" | "kernel" | "store" | "encoderHash">,
): BackendContext {
  return { threads, kernel, store, encoderHash, quiet: true, open: noOther };
}

/** What an index of some vectors is built from; their passages have no texts. */
export function sourceOf(dataset: Dataset, embeddings: Embeddings): BuildSource {
  return {
    dataset: { ...dataset, passages: () => embeddings.ids.map((id) => ({ id, text: "" })) },
    embeddings: () => Promise.resolve(embeddings),
    index: noOther,
  };
}
