import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readModelFolder } from "../../encoders/model_folder.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const BUILT_IN = fromFileUrl(new URL("../../encoders/models/builtin/", import.meta.url));

/** A folder with a tokenizer, a file in the model's place, and the given configuration files. */
function modelFolder(files: Readonly<Record<string, unknown>>, model = "model.onnx") {
  const folder = temporaryFolder();
  Deno.copyFileSync(join(BUILT_IN, "tokenizer.json"), join(folder.path, "tokenizer.json"));
  folder.file(model, "");
  for (const [name, content] of Object.entries(files)) folder.file(name, JSON.stringify(content));
  return folder;
}

Deno.test("artifact.metadata: Stanford's checkpoints", () => {
  using folder = modelFolder({
    "artifact.metadata": {
      query_token_id: "[unused0]",
      doc_token_id: "[unused1]",
      query_maxlen: 32,
      doc_maxlen: 180,
      attend_to_mask_tokens: false,
      mask_punctuation: true,
      similarity: "cosine",
      dim: 128,
      nbits: 1,
    },
    "config.json": { architectures: ["HF_ColBERT"], num_hidden_layers: 12, hidden_size: 768, intermediate_size: 3072 },
  });
  const { config } = readModelFolder(folder.path);
  strictEqual(config.skiplist.length, 32);
  deepStrictEqual({ ...config, skiplist: [], name: "" }, {
    name: "",
    tokenisation: "v2",
    query_marker_id: 1,
    doc_marker_id: 2,
    query_maxlen: 32,
    doc_maxlen: 180,
    mask_augmentation: true,
    augment_to: null,
    attend_to_mask_tokens: false,
    skiplist: [],
    drop_skiplist_tokens: false,
    cls_id: 101,
    sep_id: 102,
    mask_id: 103,
    pad_id: 0,
    dim: 128,
    shorter_dims: [],
    similarity: "cosine",
    architecture: { layers: 12, hidden: 768, intermediate: 3072 },
  });
});

Deno.test("onnx_config.json: next-plaid's exports, ids as the file gives them", () => {
  using folder = modelFolder({
    "onnx_config.json": {
      model_name: "some/model",
      query_prefix: "[Q] ",
      document_prefix: "[D] ",
      query_prefix_id: 50,
      document_prefix_id: 51,
      query_length: 48,
      document_length: 300,
      do_query_expansion: false,
      attend_to_expansion_tokens: false,
      skiplist_words: ["!", ".", "not-a-token"],
      embedding_dim: 96,
      mask_token_id: 9,
      pad_token_id: 8,
    },
  }, "model_int8.onnx");
  const { config, modelFile } = readModelFolder(folder.path);
  strictEqual(modelFile, join(folder.path, "model_int8.onnx"));
  deepStrictEqual(
    [config.query_marker_id, config.doc_marker_id, config.mask_augmentation, config.mask_id, config.pad_id, config.dim],
    [50, 51, false, 9, 8, 96],
  );
  deepStrictEqual(config.skiplist, [999, 1012]);
});

Deno.test("config_sentence_transformers.json: PyLate's models, without prefixes", () => {
  using folder = modelFolder({
    "config_sentence_transformers.json": {
      query_prefix: "",
      document_prefix: "",
      query_length: 40,
      document_length: 200,
      attend_to_expansion_tokens: true,
    },
    "1_Dense/config.json": { in_features: 384, out_features: 64, bias: false },
  }, "onnx/model.onnx");
  const { config } = readModelFolder(folder.path);
  deepStrictEqual(
    [config.query_marker_id, config.doc_marker_id, config.query_maxlen, config.attend_to_mask_tokens, config.dim],
    [null, null, 40, true, 64],
  );
});

Deno.test("one ONNX file of a folder can be named", () => {
  const { modelFile } = readModelFolder(join(BUILT_IN, "model.onnx"));
  strictEqual(modelFile, join(BUILT_IN, "model.onnx"));
});

const BAD: readonly (readonly [string, Record<string, unknown>, ...string[]])[] = [
  ["no configuration", {}, "no configuration", "artifact.metadata"],
  ["a wrong field", { "artifact.metadata": { dim: "many" } }, "artifact.metadata", "dim"],
  ["a marker that is no token", { "artifact.metadata": { query_token_id: "[Query]" } }, "[Query]", "vocabulary"],
  ["an incomplete encoder.json", { "encoder.json": { name: "x" } }, "encoder.json", "tokenisation"],
];

for (const [name, files, ...parts] of BAD) {
  Deno.test(`bad encoder folder: ${name}`, async () => {
    using folder = modelFolder(files);
    await expectError(() => readModelFolder(folder.path), 2, ...parts);
  });
}

Deno.test("bad encoder folder: no model, no tokenizer, nothing at all", async () => {
  using folder = modelFolder({ "encoder.json": {} });
  Deno.removeSync(join(folder.path, "model.onnx"));
  await expectError(() => readModelFolder(folder.path), 2, "no model file", "model.onnx");
  folder.file("model.onnx", "");
  folder.file("tokenizer.json", "{}");
  await expectError(() => readModelFolder(folder.path), 2, "tokenizer.json");
  await expectError(() => readModelFolder(join(folder.path, "none")), 2, "no such file or folder");
});
