import type { Loops } from "./loops.ts";

/** A parameter of a loop: an array that is read, one that is written, one for the loop's own use, or a number. */
export type Parameter = "in" | "out" | "scratch" | "i32" | "f32";

/** How each loop is called, for the builds that are not TypeScript. */
export const SIGNATURES: { readonly [Name in keyof Loops]: readonly Parameter[] } = {
  maxsim: parameters("in i32 i32 in i32 in i32 in in i32 scratch out"),
  maxsim_i8: parameters("in i32 i32 in in in i32 in in in in i32 scratch out"),
  quantise: parameters("in i32 i32 i32 i32 scratch out out out"),
  products: parameters("in i32 i32 in i32 i32 scratch out"),
  products_i8: parameters("in i32 i32 in in in in i32 out"),
  top_cells: parameters("in i32 i32 i32 i32 scratch out out"),
  centroid_scores: parameters("in i32 i32 in in i32 in in i32 f32 scratch out"),
  residual_table: parameters("in i32 i32 in i32 out"),
  residual_scores: parameters("in i32 i32 in i32 in i32 in in in in in i32 scratch out"),
  step_scores: parameters("in i32 i32 in i32 i32 in i32 in in in in in in in i32 scratch out"),
  residual_scores_i8: parameters("in i32 i32 in i32 i32 in in in i32 in i32 in in in in in i32 scratch out"),
  decompressed_scores: parameters("in i32 i32 i32 in i32 in i32 in in i32 in in in i32 scratch out"),
  encode_residuals: parameters("in i32 i32 in in in in i32 i32 scratch out out"),
  largest: parameters("in i32 i32 i32 out"),
  table_bytes: parameters("in i32 i32 i32 in f32 f32 out"),
  centroid_scores_i8: parameters("in i32 in i32 in in i32 scratch out"),
  probed_scores: parameters("in i32 i32 in in i32 in i32 i32 in i32 in in in in i32 scratch out"),
  close_bits: parameters("in i32 i32 i32 f32 out"),
  bit_scores: parameters("in i32 in i32 in in i32 out"),
  close_scores: parameters("in i32 i32 f32 in i32 in i32 in in in i32 scratch out"),
  mark_lists: parameters("in in in i32 i32 i32 out out"),
  largest_code: parameters("in i32 i32 out"),
  block_rows: parameters("in i32 i32 in i32 scratch out"),
  nearest: parameters("in in i32 i32 in i32 in i32 scratch out out"),
  sum_lists: parameters("in i32 i32 in in i32 scratch out"),
  pq_tables: parameters("in in i32 i32 i32 out"),
  pq_scan: parameters("in i32 i32 in i32 f32 out"),
  pq_encode: parameters("in i32 i32 in in in i32 i32 i32 scratch out"),
  pq_search: parameters("in i32 in in in in i32 in i32 i32 in i32 scratch out"),
  largest_value: parameters("in i32 i32 out"),
  widen_rows: parameters("in out i32"),
  narrow_rows: parameters("in out i32"),
};

function parameters(list: string): readonly Parameter[] {
  return list.split(" ") as Parameter[];
}
