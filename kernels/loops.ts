/**
 * The inner loops: what all builds export, in plain numbers and arrays. Three builds pass the same tests: `reference.ts` (which
 * says what each loop means), `wasm/` and `native/`.
 *
 * Words that recur:
 * - *blocked rows*: float32 `[vectors, dim, lanes]`, so that one load gives one dimension of `lanes` rows; `lanes` is the build's.
 *   The places after the last row are filled up. `stride` is `vectors * lanes`.
 * - *rows*: `[n, dim]`, fp16 bits where `half` is 1, float32 where it is 0.
 * - *passages*: `starts` (number of the first row or token, float64) and `lengths` (int32), `count` of them.
 * - *spans*: int32 `[queries, 2]`, for each query the place of its first row within a stride and the number of its rows.
 * - *table*: float32 `[centroids, stride]`, the products of every centroid with every query row.
 * - *scratch*: room for the loop, of the size that `SCRATCH` says.
 */
export interface Loops {
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
  /**
   * Scores by centroids alone: `Σ_q max(floor, max_t table[code_t, q])` over the tokens whose centroid is kept (`keep[code]` is not
   * 0; `keep` null: all). `codes` are little-endian numbers of `code_bytes` bytes.
   */
  centroid_scores(
    table: Float32Array,
    stride: number,
    columns: number,
    keep: Uint8Array | null,
    codes: Uint8Array,
    code_bytes: number,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    floor: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * What each value of each byte of a packed residual adds to each product: `lut[dim · nbits / 8, 256, stride]`. Bits of a bucket
   * are packed lowest first from a byte's highest bit down (ColBERT's `residual.py`).
   */
  residual_table(
    query: Float32Array,
    vectors: number,
    dim: number,
    weights: Float32Array,
    nbits: number,
    lut: Float32Array,
  ): void;
  /**
   * MaxSim from packed codes: `Σ_q max_t factor(t) · (table[code_t, q] + Σ_byte lut[byte, residual, q])`, where the factor is what
   * `norms` (uint8 a token) names in `norm_values`, float32 `[256]`.
   */
  residual_scores(
    table: Float32Array,
    stride: number,
    columns: number,
    lut: Float32Array,
    residual_bytes: number,
    codes: Uint8Array,
    code_bytes: number,
    residuals: Uint8Array,
    norms: Uint8Array,
    norm_values: Float32Array,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * The same in int8: `Σ_q max_t factor(t) · (table[code_t, q] + factors[q] · (query_q · levels(residual_t)))`, products exact in
   * int32. `query`, `offsets`: as in `maxsim_i8`, `factors` with the scale of `levels` in it; `width` as there. `levels` is uint8
   * `[256, 8 / nbits]`: what each byte of a residual means, 128 more.
   */
  residual_scores_i8(
    table: Float32Array,
    stride: number,
    columns: number,
    query: Int8Array,
    dim: number,
    width: number,
    offsets: Int32Array,
    factors: Float32Array,
    levels: Uint8Array,
    nbits: number,
    codes: Uint8Array,
    code_bytes: number,
    residuals: Uint8Array,
    norms: Uint8Array,
    norm_values: Float32Array,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * MaxSim of decompressed rows: centroid (`[centroids, dim]`, rows) and weights of the residual's buckets, made unit length. Only
   * tokens whose centroid is kept, as in `centroid_scores`; −∞ for a passage without such. `weights` is float32
   * `[256, 8 / nbits]`: what each byte of a residual means.
   */
  decompressed_scores(
    query: Float32Array,
    vectors: number,
    dim: number,
    columns: number,
    centroids: Rows,
    half: number,
    weights: Float32Array,
    nbits: number,
    keep: Uint8Array | null,
    codes: Uint8Array,
    code_bytes: number,
    residuals: Uint8Array,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * Packs what is left of rows after their centroids are taken off (`centroids` float32, `names[count]` theirs): for each
   * dimension how many of the `cutoffs` are smaller, packed as `residual_table` says. `factors[count]`: 1 / ‖centroid + weights‖.
   */
  encode_residuals(
    rows: Rows,
    half: number,
    dim: number,
    centroids: Float32Array,
    names: Int32Array,
    cutoffs: Float32Array,
    weights: Float32Array,
    nbits: number,
    count: number,
    scratch: Float32Array,
    out: Uint8Array,
    factors: Float32Array,
  ): void;
  /** The largest of the first `columns` of each row of `table[count, stride]`. */
  largest(table: Float32Array, count: number, stride: number, columns: number, out: Float32Array): void;
  /**
   * A table in bytes: `out[count, stride]` is `(table − least) / step`, rounded and held within 0 and 255; 0 beyond `columns`, and
   * for centroids that are not kept.
   */
  table_bytes(
    table: Float32Array,
    count: number,
    stride: number,
    columns: number,
    keep: Uint8Array | null,
    least: number,
    step: number,
    out: Uint8Array,
  ): void;
  /** Scores by centroids alone, from a table in bytes: `Σ_q max_t table[code_t, q]`, exact. `stride` is at most 256. */
  centroid_scores_i8(
    table: Uint8Array,
    stride: number,
    codes: Uint8Array,
    code_bytes: number,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * Sets the bits of all numbers in some lists (`starts`: their first bytes) within `out[words]`, uint32; all others become 0. A
   * list is, see `backends/plaid/index/gaps.ts`: a byte `r`; how many numbers, seven bits a byte, lowest first; and for each
   * number its distance from the one before (the first: from −1), less 1, in Rice's code: bits from the lowest of each byte
   * upwards, `distance >> r` zeros, a one, `r` bits.
   */
  mark_lists(lists: Uint8Array, starts: Float64Array, count: number, words: number, out: Uint32Array): void;
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
  /** Squared distances of a vector's parts to each codebook entry: `tables[m, ksub]`; `entries[m, dsub, ksub]`, see `entriesOf`. */
  pq_tables(
    query: Float32Array,
    entries: Float32Array,
    m: number,
    ksub: number,
    dsub: number,
    tables: Float32Array,
  ): void;
  /** `out[i] = base + Σ_j tables[j, codes[i, j]]`. */
  pq_scan(
    tables: Float32Array,
    m: number,
    ksub: number,
    codes: Uint8Array,
    count: number,
    base: number,
    out: Float32Array,
  ): void;
  /**
   * Codes of rows less their centroids (`centroids[_, dim]`, `names[count]` theirs): for each part the nearest codebook entry, of
   * equally near ones the first. `entries[m, dim / m, ksub]`, `ksub` at most 256; `out[count, m]`.
   */
  pq_encode(
    rows: Rows,
    half: number,
    dim: number,
    centroids: Float32Array,
    names: Int32Array,
    entries: Float32Array,
    m: number,
    ksub: number,
    count: number,
    scratch: Float32Array,
    out: Uint8Array,
  ): void;
  /**
   * The `k` codes in some inverted lists that are nearest to a query: squared distances of the query less the list's centroid
   * (`lists`: numbers of rows of `centroids[_, dim]`) and the codes' entries. `code_starts`, `sizes`: first byte and number of
   * codes of each list. `positions[k]`: places within the lists put one behind the other, ascending; −1 after the last one.
   * Of equal distances those in front are taken.
   */
  pq_search(
    query: Float32Array,
    dim: number,
    centroids: Float32Array,
    lists: Int32Array,
    code_starts: Float64Array,
    sizes: Int32Array,
    count: number,
    entries: Float32Array,
    m: number,
    ksub: number,
    codes: Uint8Array,
    k: number,
    scratch: Float32Array,
    positions: Int32Array,
  ): void;
  /** fp16 to float32. */
  widen_rows(from: Uint16Array, to: Float32Array, count: number): void;
  /** float32 to fp16, to the nearest, ties to even. */
  narrow_rows(from: Float32Array, to: Uint16Array, count: number): void;
}

/** Codebooks `[m, ksub, dsub]`, as FAISS keeps them, as the loops read them: `[m, dsub, ksub]`, so that one load gets many entries. */
export function entriesOf(codebooks: Float32Array, m: number, ksub: number, out: Float32Array): Float32Array {
  const dsub = codebooks.length / (m * ksub);
  for (let j = 0; j < m; j++) {
    for (let entry = 0; entry < ksub; entry++) {
      for (let d = 0; d < dsub; d++) out[(j * dsub + d) * ksub + entry] = codebooks[(j * ksub + entry) * dsub + d];
    }
  }
  return out;
}

/** fp16 bits or float32. */
export type Rows = Uint16Array | Float32Array;

/** Floats of scratch that a loop needs, for rows of `dim` and blocked rows of `stride`: no build needs more. */
export const SCRATCH = {
  /** `maxsim`, `maxsim_i8`, `products`, `block_rows`, `sum_lists`, `quantise` and `top_cells`. */
  rows: (dim: number, stride: number) => 8 * dim + stride + 64,
  /** `decompressed_scores`. */
  decompress: (dim: number, stride: number) => 9 * dim + stride + 864,
  /** `centroid_scores`, `centroid_scores_i8` and `residual_scores`. */
  codes: (stride: number) => 2 * stride,
  /** `residual_scores_i8`: rows of bytes, and two strides. */
  bytes: (width: number, stride: number) => 4 * width + 2 * stride + 1024,
  /** `encode_residuals`: two rows. */
  encode: (dim: number) => 2 * dim,
  nearest: (dim: number) => 64 * (dim + 32),
  /** `pq_encode`. */
  pq_encode: (dim: number, ksub: number) => dim + ksub,
  /** `pq_search`, of so many codes, for the nearest `k`. */
  pq_search: (dim: number, m: number, ksub: number, k: number) => 4 * (dim + m * ksub) + 2048 + 4 * k + 1024,
} as const;
