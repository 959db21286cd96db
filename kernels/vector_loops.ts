/** Loops over vectors as they are; see `Loops` for the words. */
export interface VectorLoops {
  /** MaxSim (SIGIR'20, equation 3) of queries and passages: `out[count, queries]`; −∞ for a passage without rows. */
  maxsim(
    query: Float32Array,
    vectors: number,
    dim: number,
    spans: Int32Array,
    queries: number,
    rows: Rows,
    half: number,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * MaxSim of int8 rows: `Σ_q factors[q] · max_t scales[t] · (query_q · row_t)`, products exact in int32. `query` is int8
   * `[vectors, dim / 4, lanes, 4]`; `rows` are uint8, 128 more than they mean, for which `offsets` takes off 128 times the sum of
   * each query row. `dim` is a multiple of 4.
   */
  maxsim_i8(
    query: Int8Array,
    vectors: number,
    dim: number,
    offsets: Int32Array,
    factors: Float32Array,
    spans: Int32Array,
    queries: number,
    rows: Uint8Array,
    scales: Float32Array,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * Rows as int8 times a scale of their own, and ‖row − scale · int8‖₂, never too small. `out[count, stride]` is uint8, 128 more than
   * it means, and filled up with zeros (128).
   */
  quantise(
    rows: Rows,
    half: number,
    dim: number,
    stride: number,
    count: number,
    scratch: Float32Array,
    out: Uint8Array,
    scales: Float32Array,
    errors: Float32Array,
  ): void;
  /** All products of rows with blocked rows: `out[count, stride]`. */
  products(
    query: Float32Array,
    vectors: number,
    dim: number,
    rows: Rows,
    half: number,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * The same of int8 rows with an int8 query, both as in `maxsim_i8`: `out[count, stride]` is factors[q] · scales[row] · (query_q ·
   * row), products exact in int32.
   */
  products_i8(
    query: Int8Array,
    vectors: number,
    dim: number,
    offsets: Int32Array,
    factors: Float32Array,
    rows: Uint8Array,
    scales: Float32Array,
    count: number,
    out: Float32Array,
  ): void;
  /**
   * For each of the first `columns` columns of `products[count, stride]` the `k` rows with the largest values, largest first, equal
   * ones by number: `values[columns, k]`, `numbers[columns, k]`; −∞ and −1 where there are fewer.
   */
  top_cells(
    products: Float32Array,
    count: number,
    stride: number,
    columns: number,
    k: number,
    scratch: Float32Array,
    values: Float32Array,
    numbers: Int32Array,
  ): void;
  /** Blocks the rows that `numbers` names; the places after the last one hold the first one again. */
  block_rows(
    rows: Rows,
    half: number,
    dim: number,
    numbers: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * The centroid with the largest product, for rows (`numbers` null: the first `rows_count`); of equal ones the first of the list.
   * `centroids` are blocked, `names` their numbers (null: 0, 1, …).
   */
  nearest(
    centroids: Float32Array,
    names: Int32Array | null,
    count: number,
    dim: number,
    rows: Rows,
    half: number,
    numbers: Int32Array | null,
    rows_count: number,
    scratch: Float32Array,
    out: Int32Array,
    scores: Float32Array | null,
  ): void;
  /** Sums of rows: `out[i]` of the rows `numbers[offsets[i] … offsets[i + 1])`, in that order. */
  sum_lists(
    rows: Rows,
    half: number,
    dim: number,
    numbers: Int32Array,
    offsets: Int32Array,
    lists: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /** `out[0]`: the largest magnitude of some values; ∞ where one is infinite or no number. */
  largest_value(values: Rows, half: number, count: number, out: Float32Array): void;
  /** fp16 to float32. */
  widen_rows(from: Uint16Array, to: Float32Array, count: number): void;
  /** float32 to fp16, to the nearest, ties to even. */
  narrow_rows(from: Float32Array, to: Uint16Array, count: number): void;
}

/** fp16 bits or float32. */
export type Rows = Uint16Array | Float32Array;
