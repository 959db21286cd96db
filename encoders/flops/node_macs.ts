import type { Macs } from "./macs.ts";

/** A tensor that went through a graph's node. */
export interface TensorShape {
  /** As onnxruntime writes it: `float`, `uint8`, … */
  readonly type: string;
  readonly dims: readonly number[];
}

/** A node of an ONNX graph with the shapes that it ran on. Inputs that it was not given are left out at the end only. */
export interface ExecutedNode {
  readonly op: string;
  readonly inputs: readonly TensorShape[];
  readonly outputs: readonly TensorShape[];
}

/** What a node's attributes decide alone: its work cannot be told from shapes. */
const UNKNOWN = new Set([
  "Einsum",
  "DeformConv",
  "MoE",
  "QMoE",
  "SparseAttention",
  "PackedAttention",
  "PackedMultiHeadAttention",
  "DecoderMaskedSelfAttention",
  "DecoderMaskedMultiHeadAttention",
]);

/** Matrix products whose first input is `[…, M, K]` and whose output is `[…, M, N]`. */
const PRODUCTS = new Set([
  "MatMul",
  "FusedMatMul",
  "FusedMatMulActivation",
  "TransposeMatMul",
  "MatMulNBits",
  "MatMulBnb4",
  "MatMulInteger",
  "MatMulIntegerToFloat",
  "DynamicQuantizeMatMul",
  "QLinearMatMul",
  "Gemm",
  "FusedGemm",
  "QGemm",
]);

const CONVOLUTIONS = new Set(["Conv", "FusedConv", "NhwcConv", "NhwcFusedConv", "ConvInteger", "QLinearConv"]);
const RECURRENT = new Set(["LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"]);
const ATTENTION = new Set(["MultiHeadAttention", "GroupQueryAttention", "Attention", "QAttention"]);

/** Operators that multiply integers although their first input is of floats. */
const QUANTISING = new Set(["DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "QAttention"]);

/**
 * Multiply–accumulates of one node: products, convolutions, recurrences and attention, fused and quantised ones too. Everything
 * else (softmax, norms, activations, look-ups) counts 0, as torchprofile counts it for SIGIR'20's Table 1.
 *
 * @returns null where shapes alone do not tell
 */
export function nodeMacs({ op, inputs, outputs }: ExecutedNode): Macs | null {
  if (UNKNOWN.has(op)) return null;
  const [first, second] = inputs;
  const [out] = outputs;
  const split = (macs: number): Macs => {
    return QUANTISING.has(op) || /int8/.test(first.type) ? { float: 0, integer: macs } : { float: macs, integer: 0 };
  };
  if (PRODUCTS.has(op)) return split(size(out) * innerSize(first.dims, weightOf(op, inputs)?.dims, out.dims));
  if (CONVOLUTIONS.has(op)) {
    const weight = weightOf(op, inputs)!.dims; // [M, C / groups, kernel…]
    return split(size(out) * product(weight.slice(1)));
  }
  if (op === "ConvTranspose") return split(size(first) * product(second.dims.slice(1)));
  if (RECURRENT.has(op)) {
    const [steps, batch] = first.dims;
    return split(steps * batch * (size(second) + size(inputs[2])));
  }
  if (ATTENTION.has(op)) return attentionMacs(op, inputs, outputs);
  return { float: 0, integer: 0 };
}

/** The weights, which quantised operators name later. */
function weightOf(op: string, inputs: readonly TensorShape[]): TensorShape | undefined {
  return inputs[op === "QLinearConv" || op === "QLinearMatMul" || op === "QGemm" ? 3 : 1];
}

/** K of a product. The first matrix may be transposed: its other side is the output's. */
function innerSize(a: readonly number[], b: readonly number[] | undefined, out: readonly number[]): number {
  if (a.length === 1 || b?.length === 1) return a[a.length - 1];
  const [rows, columns] = a.slice(-2);
  return rows * columns / out[out.length - 2];
}

/**
 * Queries × keys and weights × values, and the projections where they are part of the node (`Attention` of com.microsoft, whose
 * second input is a matrix). Quantised: the projections work on integers.
 */
function attentionMacs(op: string, inputs: readonly TensorShape[], outputs: readonly TensorShape[]): Macs {
  const [first, second] = inputs;
  const [out] = outputs;
  if (second?.dims.length === 2) {
    const [batch, length] = first.dims;
    const columns = second.dims[1];
    const projections = batch * length * second.dims[0] * columns;
    const past = inputs[op === "QAttention" ? 8 : 4]?.dims[3] ?? 0;
    const values = out.dims[2];
    const products = batch * length * (length + past) * ((columns - values) / 2 + values);
    return op === "QAttention"
      ? { float: products, integer: projections }
      : { float: products + projections, integer: 0 };
  }
  const present = op === "GroupQueryAttention" ? outputs[1]?.dims : undefined;
  const keys = present ?? second?.dims ?? first.dims; // […, length, width], or packed [batch, length, heads, 3, width]
  const length = keys.length === 5 ? keys[1] : keys[keys.length - 2];
  return { float: 2 * size(out) * length, integer: 0 };
}

function size({ dims }: TensorShape): number {
  return product(dims);
}

function product(values: readonly number[]): number {
  return values.reduce((all, value) => all * value, 1);
}
