import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { loadEncoder } from "../../encoders/load.ts";
import { readVocabulary } from "../../encoders/word_pieces.ts";
import { LIMITS_VARIABLE } from "../../support/limits.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { type Graph, type GraphNode, onnxModel, type Value } from "../fixtures/onnx_model.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const BUILT_IN = fromFileUrl(new URL("../../encoders/models/builtin/", import.meta.url));
const DIM = 8;
const TOKENS = 40_000;
const IDS: Value = { type: "int64", axes: ["batch", "length"] };

/** An encoder whose vectors come from a table with a row for each id; `nodes` make `out` of `rows`. */
function encoderOf(change: Partial<Graph>, { table = someTable(), config = {}, tokenizer = {} } = {}) {
  const folder = temporaryFolder();
  const read = (name: string) => JSON.parse(Deno.readTextFileSync(join(BUILT_IN, name)));
  folder.file("tokenizer.json", JSON.stringify({ ...read("tokenizer.json"), ...tokenizer }));
  folder.file("encoder.json", JSON.stringify({ ...read("encoder.json"), dim: DIM, shorter_dims: [], ...config }));
  const gather: GraphNode = { op: "Gather", inputs: ["table", "input_ids"], outputs: ["rows"] };
  folder.file(
    "model.onnx",
    onnxModel({
      inputs: { input_ids: IDS },
      outputs: { out: { type: "float" } },
      ...change,
      nodes: [gather, ...change.nodes ?? [{ op: "Identity", inputs: ["rows"], outputs: ["out"] }]],
      constants: {
        table: { type: "float", dims: [table.length / DIM, DIM], values: table },
        ...change.constants,
      },
    }),
  );
  return folder;
}

function someTable(rows = TOKENS): number[] {
  return Array.from({ length: rows * DIM }, (_, i) => Math.sin(i * 1.7));
}

const node = (op: string, inputs: string[], outputs: string[], attributes: GraphNode["attributes"] = {}) => ({
  op,
  inputs,
  outputs,
  attributes,
});

/** A loop of 2^52 rounds that does nothing. */
const ENDLESS: Partial<Graph> = {
  nodes: [node("Loop", ["rounds", "", "rows"], ["out"], {
    body: {
      nodes: [node("Identity", ["go"], ["goes"]), node("Neg", ["x"], ["y"])],
      inputs: { i: { type: "int64", axes: [] }, go: { type: "bool", axes: [] }, x: { type: "float" } },
      outputs: { goes: { type: "bool", axes: [] }, y: { type: "float" } },
    },
  })],
  constants: { rounds: { type: "int64", dims: [], values: [2 ** 52] } },
};

const OPTIONS = { threads: 1, quiet: true };

Deno.test("a table of vectors is an encoder", async () => {
  using folder = encoderOf({});
  await using encoder = await loadEncoder(folder.path, { ...OPTIONS, store: folder.path });
  const { lengths, rows } = await encoder.encodePassages(["one two", "three"]);
  deepStrictEqual([...lengths], [5, 4]);
  ok(Math.abs(Math.hypot(...rows.subarray(0, DIM)) - 1) < 1e-2);
});

const filled = (value: number) => new Array<number>(TOKENS * DIM).fill(value);
const HOSTILE: Readonly<Record<string, readonly [Parameters<typeof encoderOf>, ...string[]]>> = {
  "NaN": [[{}, { table: filled(NaN) }], "NaN or infinite"],
  "infinite values": [[{}, { table: filled(Infinity) }], "NaN or infinite"],
  "values whose square is infinite": [[{}, { table: someTable().map((x) => x * 1e308) }], "NaN or infinite"],
  "zeros": [[{}, { table: filled(0) }], "zeros"],
  "the same for every token": [[{}, { table: filled(0.5) }], "the same vector for every token"],
  "one vector a text": [
    [{ nodes: [node("ReduceMean", ["rows"], ["out"], { axes: [1], keepdims: 0 })] }],
    "float32[1,8]",
    "a vector for each position",
  ],
  "length and batch exchanged": [
    [{ nodes: [node("Transpose", ["rows"], ["out"], { perm: [1, 0, 2] })] }],
    "a vector for each position",
  ],
  "length and columns exchanged": [
    [{ nodes: [node("Transpose", ["rows"], ["out"], { perm: [0, 2, 1] })] }],
    "a vector for each position",
  ],
  "twice the length": [
    [{ nodes: [node("Concat", ["rows", "rows"], ["out"], { axis: 1 })] }],
    "a vector for each position",
  ],
  "twice the columns": [[{ nodes: [node("Concat", ["rows", "rows"], ["out"], { axis: 2 })] }], "16 columns"],
  "float16": [
    [{ nodes: [node("Cast", ["rows"], ["out"], { to: 10 })], outputs: { out: { type: "float16" } } }],
    "float16",
    "float32",
  ],
  "float64": [
    [{ nodes: [node("Cast", ["rows"], ["out"], { to: 11 })], outputs: { out: { type: "double" } } }],
    "float64",
    "float32",
  ],
  "int64": [
    [{ nodes: [node("Cast", ["rows"], ["out"], { to: 7 })], outputs: { out: { type: "int64" } } }],
    "int64",
    "float32",
  ],
  "what stands at a position, whatever the text": [
    [{
      nodes: [
        node("Sub", ["input_ids", "input_ids"], ["none"]),
        node("Add", ["none", "one"], ["ones"]),
        node("CumSum", ["ones", "one"], ["positions"]),
        node("Gather", ["table", "positions"], ["out"]),
      ],
      constants: { one: { type: "int64", dims: [], values: [1] } },
    }],
    "equal vectors for two texts",
  ],
  "ids beyond its table": [[{}, { table: someTable(50) }], "cannot be run"],
  "inputs of other names": [
    [{ inputs: { input_ids: IDS, pixels: IDS } }],
    "an input pixels",
  ],
  "a fixed shape of billions": [
    [{ inputs: { input_ids: { type: "int64", axes: [1, 2_000_000_000] } } }],
    "a fixed input shape",
  ],
};

for (const [name, [model, ...parts]] of Object.entries(HOSTILE)) {
  Deno.test(`a model is refused that gives or takes ${name}`, async () => {
    using folder = encoderOf(...model);
    await expectError(
      () => loadEncoder(folder.path, { ...OPTIONS, store: folder.path }),
      2,
      join(folder.path, "model.onnx"),
      ...parts,
    );
  });
}

Deno.test("more outputs than one do not matter", async () => {
  using folder = encoderOf({
    nodes: [node("Identity", ["rows"], ["out"]), node("Neg", ["rows"], ["more"])],
    outputs: { out: { type: "float" }, more: { type: "float" } },
  });
  await using _encoder = await loadEncoder(folder.path, { ...OPTIONS, store: folder.path });
});

Deno.test("a text for which a model gives NaN, or that it cannot take, is one line", async () => {
  const { id } = readVocabulary(join(BUILT_IN, "tokenizer.json"));
  const table = someTable();
  table[id("bakery")! * DIM] = NaN;
  using folder = encoderOf({}, { table });
  await using encoder = await loadEncoder(folder.path, { ...OPTIONS, store: folder.path });
  await expectError(() => encoder.encodePassages(["a bakery"]), 2, "model.onnx", "NaN or infinite");
  await expectError(() => encoder.encodeQuery("a bakery"), 2, "model.onnx", "NaN or infinite");
});

Deno.test("configurations keep their bounds, and tokenizers have all their parts", async () => {
  for (
    const config of [{ query_maxlen: 1e9 }, { doc_maxlen: 1e9 }, { augment_to: 2 ** 40 }, { cls_id: -1 }, { dim: 1e9 }]
  ) {
    using folder = encoderOf({}, { config });
    const [field] = Object.keys(config);
    await expectError(() => loadEncoder(folder.path, { ...OPTIONS, store: folder.path }), 2, "encoder.json", field);
  }
  const parts = [{ model: null }, { model: { type: "none" } }, { pre_tokenizer: { type: "none" } }, {
    post_processor: { type: "TemplateProcessing" },
  }];
  for (const tokenizer of parts) {
    using folder = encoderOf({}, { tokenizer });
    await expectError(() => loadEncoder(folder.path, { ...OPTIONS, store: folder.path }), 2, "tokenizer.json");
  }
  using unknown = encoderOf({}, { tokenizer: { model: { type: "WordPiece", vocab: { a: 0 }, unk_token: "[UNK]" } } });
  await expectError(() => loadEncoder(unknown.path, { ...OPTIONS, store: unknown.path }), 2, "tells words apart");
});

/** Opens an encoder and encodes in another process, under short limits. */
async function open(folder: string, ...texts: string[]) {
  const script = fromFileUrl(new URL("../fixtures/load_encoder.ts", import.meta.url));
  const child = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-all", script, folder, folder, ...texts],
    env: { [LIMITS_VARIABLE]: "model_seconds=2,text_seconds=2" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code: child.code, stdout: decode(child.stdout), lines: decode(child.stderr).split("\n") };
}

Deno.test("a model that does not end is one line", async () => {
  using folder = encoderOf(ENDLESS);
  const { code, stdout, lines } = await open(folder.path);
  deepStrictEqual([code, stdout, lines.length], [2, "", 1]);
  match(lines[0], /runs for more than 2 s.*model_seconds/);
});

Deno.test("a tokenizer's pattern that does not end is one line, while opening and while encoding", async () => {
  const endless = (pattern: string) => ({
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
        { type: "WhitespaceSplit" },
      ],
    },
  });
  const slow = "x".repeat(60) + "!";
  using opening = encoderOf({}, { tokenizer: endless("(\\w+\\s?)+;") });
  const first = await open(opening.path);
  deepStrictEqual([first.code, first.stdout, first.lines.length], [2, "", 1]);
  match(first.lines[0], /tokenizer that takes more than 2 s.*text_seconds/);
  using encoding = encoderOf({}, { tokenizer: endless("(x+)+;") });
  const second = await open(encoding.path, "short", slow);
  deepStrictEqual([second.code, second.stdout, second.lines.length], [2, "opened", 1]);
  match(second.lines[0], /has not answered for 2 s.*model_seconds/);
  strictEqual((await open(encoding.path, "short")).code, 0);
});
