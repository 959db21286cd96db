// AssemblyScript: `deno task build:wasm` compiles this file, and those that it names, to loops.wasm, which is checked in.
// ../loops.ts says what each loop means; arguments are the same, arrays are addresses. Sixteen lanes, in four vectors of four
// floats. The loops need relaxed SIMD (fused multiply–add).

export { block_rows, nearest, sum_lists } from "./k_means.as";
export { centroid_scores, mark_lists, residual_scores, residual_table, step_scores } from "./codes.as";
export { largest_code, largest_value } from "./codes.as";
export { centroid_scores_i8, products_i8, residual_scores_i8, table_bytes } from "./codes_i8.as";
export { decompressed_scores, encode_residuals } from "./residuals.as";
export { bit_scores, close_bits, close_scores, probed_scores } from "./implicit.as";
export { copy_bytes, fma_peak, narrow_rows, widen_rows } from "./machine.as";
export { maxsim, maxsim_i8, quantise } from "./maxsim.as";
export { pq_encode, pq_scan, pq_search, pq_tables } from "./product_quantisation.as";
export { largest, products, top_cells } from "./centroids.as";
