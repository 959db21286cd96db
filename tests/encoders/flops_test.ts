import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { macsOf, measureForwardMacs } from "../../encoders/flops/forward_macs.ts";
import { addMacs, NO_MACS } from "../../encoders/flops/macs.ts";
import { type ExecutedNode, nodeMacs } from "../../encoders/flops/node_macs.ts";
import { fromFileUrl } from "../../support/paths.ts";

type Dims = readonly number[];

/** A node over floats; `types` for its inputs where they are others. */
function node(op: string, inputs: readonly Dims[], output: Dims, types: readonly string[] = []): ExecutedNode {
  const shape = (dims: Dims, i: number) => ({ type: types[i] ?? "float", dims });
  return { op, inputs: inputs.map(shape), outputs: [{ type: "float", dims: output }] };
}

/** FLOPs of a graph. */
function flops(nodes: readonly ExecutedNode[]): number {
  const { float, integer } = nodes.map((one) => nodeMacs(one)!).reduce(addMacs, NO_MACS);
  strictEqual(integer, 0);
  return 2 * float;
}

/** BERT's encoder as it is executed, `[batch, length, hidden]`. */
function bert(batch: number, length: number, layers: number, hidden: number, heads: number): ExecutedNode[] {
  const states = [batch, length, hidden];
  const inner = [batch, length, 4 * hidden];
  const head = [batch, heads, length, hidden / heads];
  const square = [batch, heads, length, length];
  const layer = [
    ...[1, 2, 3, 4].map(() => node("MatMul", [states, [hidden, hidden]], states)),
    node("FusedMatMul", [head, head], square), // the second one transposed
    node("Softmax", [square], square),
    node("MatMul", [square, head], head),
    node("MatMul", [states, [hidden, 4 * hidden]], inner),
    node("Gelu", [inner], inner),
    node("MatMul", [inner, [4 * hidden, hidden]], states),
  ];
  return Array.from({ length: layers }, () => layer).flat();
}

const linear = (from: number, to: number) => node("Gemm", [[1, from], [to, from], [to]], [1, to]);
const conv = (channels: number, out: number, kernel: number, length: number) =>
  node("Conv", [[1, channels, length + kernel - 1], [out, channels, kernel]], [1, out, length]);

const BILLION = 1e9;

Deno.test("FLOPs of BERT and ColBERT: SIGIR'20, table 1", () => {
  strictEqual((flops(bert(1000, 512, 12, 768, 12)) / 1e12).toFixed(1), "96.6"); // the paper: 97 T
  strictEqual((flops(bert(1000, 512, 24, 1024, 16)) / 1e12).toFixed(0), "335"); // the paper: 340 T
  const encoder = [...bert(1, 32, 12, 768, 12), node("MatMul", [[1, 32, 768], [768, 128]], [1, 32, 128])];
  const maxsim = node("MatMul", [[1000, 180, 128], [128, 32]], [1000, 180, 32]);
  strictEqual((flops([...encoder, maxsim]) / BILLION).toFixed(2), "6.95"); // the paper: 7 B
});

Deno.test("FLOPs of Duet: 159 B for 1000 passages", () => {
  // Duet v2 for MS MARCO: 300 hidden nodes, 20 query and 200 passage terms, pooling over 18 and 100 positions.
  const [n, q, d, windows] = [300, 20, 200, 99];
  const local = [conv(d, n, 1, q), linear(n * q, n), linear(n, n)];
  const query = [conv(n, n, 3, q - 2), linear(n, n)];
  const passage = [conv(n, n, 3, d - 2), conv(n, n, 1, windows)];
  const rest = [linear(n * windows, n), linear(n, n), linear(n, n), linear(n, n), linear(n, 1)];
  strictEqual(Math.round(1000 * flops([...local, ...query, ...passage, ...rest]) / BILLION), 159);
});

Deno.test("FLOPs of KNRM and ConvKNRM: one query of 6 terms and passages of 160 explain both published figures", () => {
  const [q, d, dim, filters, kernels] = [6, 160, 300, 128, 11];
  const knrm = [node("MatMul", [[1, q, dim], [1, dim, d]], [1, q, d]), linear(kernels, 1)];
  const published = 0.592 * BILLION;
  ok(Math.abs(1000 * flops(knrm) / published - 1) < 0.03);
  const grams = [1, 2, 3].flatMap((width) => [conv(dim, filters, width, q), conv(dim, filters, width, d)]);
  const crossed = Array.from({ length: 9 }, () => node("MatMul", [[1, q, filters], [1, filters, d]], [1, q, d]));
  ok(Math.abs(1000 * flops([...grams, ...crossed, linear(9 * kernels, 1)]) / (78 * BILLION) - 1) < 0.03);
});

Deno.test("fused and quantised operators count what they replace", () => {
  const attention = 2 * 2 * 10 * 10 * 64; // two texts of ten positions: queries × keys, weights × values
  const projections = 2 * 10 * 64 * 192;
  const fused = node("Attention", [[2, 10, 64], [64, 192], [192]], [2, 10, 64]);
  deepStrictEqual(nodeMacs(fused), { float: attention + projections, integer: 0 });
  const quantised = node("QAttention", [[2, 10, 64], [64, 192], [192]], [2, 10, 64], ["uint8", "int8"]);
  deepStrictEqual(nodeMacs(quantised), { float: attention, integer: projections });
  const multi = node("MultiHeadAttention", [[2, 10, 64], [2, 10, 64], [2, 10, 64]], [2, 10, 64]);
  deepStrictEqual(nodeMacs(multi), { float: attention, integer: 0 });
  const standard = node("Attention", [[2, 4, 10, 16], [2, 4, 10, 16], [2, 4, 10, 16]], [2, 4, 10, 16]);
  deepStrictEqual(nodeMacs(standard), { float: attention, integer: 0 });
  const bytes = ["uint8", "int8"];
  for (const op of ["MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul"]) {
    const types = op === "DynamicQuantizeMatMul" ? ["float", "int8"] : bytes;
    deepStrictEqual(nodeMacs(node(op, [[2, 10, 64], [64, 32]], [2, 10, 32], types)), {
      float: 0,
      integer: 2 * 10 * 64 * 32,
    });
  }
  const linear = [[2, 10, 64], [], [], [64, 32]];
  deepStrictEqual(nodeMacs(node("QLinearMatMul", linear, [2, 10, 32], bytes))!.integer, 2 * 10 * 64 * 32);
  strictEqual(nodeMacs(node("Gemm", [[64, 7], [64, 5]], [7, 5]))!.float, 7 * 5 * 64, "transposed first matrix");
  strictEqual(nodeMacs(node("MatMul", [[3, 4], [4]], [3]))!.float, 12);
  strictEqual(nodeMacs(node("Conv", [[1, 8, 9, 9], [16, 4, 3, 3]], [1, 16, 7, 7]))!.float, 16 * 49 * 4 * 9, "groups");
  strictEqual(nodeMacs(node("LSTM", [[5, 2, 8], [1, 16, 8], [1, 16, 4]], [5, 1, 2, 4]))!.float, 5 * 2 * (128 + 64));
  strictEqual(nodeMacs(node("Einsum", [[2, 3], [3, 4]], [2, 4])), null, "an equation that shapes do not tell");
});

Deno.test("the built-in encoder's forward passes, from what onnxruntime executed", async () => {
  const file = fromFileUrl(new URL("../../encoders/models/builtin/model.onnx", import.meta.url));
  const found = (await measureForwardMacs(file, { batch: null, length: null }, 0))!;
  const [layers, hidden] = [6, 384];
  for (const [batch, length] of [[1, 32], [3, 77]]) {
    const tokens = batch * length;
    const bridge = tokens * hidden ** 2; // the linear map in the place of layers that are left out
    deepStrictEqual(macsOf(found, batch, length), {
      float: layers * 2 * tokens * length * hidden + bridge + tokens * hidden * 128,
      integer: layers * tokens * 12 * hidden ** 2,
    });
  }
});
