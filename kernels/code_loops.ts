import type { Rows } from "./vector_loops.ts";

/** Loops over codes: centroids with residuals, inverted lists, product quantisation; see `Loops` for the words. */
export interface CodeLoops {
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
   * MaxSim from residuals in steps: `Σ_q max_t factor(t) · (table[code_t, q] + Σ_steps)`, where a step up or down in a dimension adds
   * `steps[dim, 2, q]`. `residual_starts[count]`, `residual_ends[count]`: first byte of each passage's list and of what follows it, see
   * `backends/plaid/index/steps.ts`; eight bytes must follow the last one. `rice` is at most 15. Whatever a list holds, nothing beyond
   * its end is read for it; a passage whose list does not end there scores NaN. The rest is as in `residual_scores`.
   */
  step_scores(
    table: Float32Array,
    stride: number,
    columns: number,
    steps: Float32Array,
    dim: number,
    rice: number,
    codes: Uint8Array,
    code_bytes: number,
    residuals: Uint8Array,
    residual_starts: Float64Array,
    residual_ends: Float64Array,
    norms: Uint8Array,
    norm_values: Float32Array,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * `residual_scores` in int8: `Σ_q max_t factor(t) · (table[code_t, q] + factors[q] · (query_q · levels(residual_t)))`, products exact in
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
   * Scores of the tokens that query rows probe, residuals added to centroids' products and no vector made unit length (WARP): `Σ_q
   * max_t (table[slot_t, q] + query_q · residual_t)`, and `missing[q]` for a query row that probes none of a passage's tokens. `slots[code]`
   * is the row of `table` for a centroid, −1 where nobody probes it; `table` is −∞ where q does not. `query` is float32 `[columns,
   * dim]`. Byte j of a residual stands for `each` dimensions: `meaning[j · apart + each · byte …]`. −∞ for a passage without tokens.
   */
  probed_scores(
    table: Float32Array,
    stride: number,
    columns: number,
    slots: Int32Array,
    query: Float32Array,
    dim: number,
    meaning: Float32Array,
    each: number,
    apart: number,
    codes: Uint8Array,
    code_bytes: number,
    residuals: Uint8Array,
    missing: Float32Array,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    scratch: Float32Array,
    out: Float32Array,
  ): void;
  /**
   * Which query rows are close to each centroid (EMVB's bit vectors): bit q of `out[count, ⌈columns / 32⌉]`, uint32, is set where
   * `table[count, stride]` is above the threshold.
   */
  close_bits(
    table: Float32Array,
    count: number,
    stride: number,
    columns: number,
    threshold: number,
    out: Uint32Array,
  ): void;
  /** How many query rows are close to some token of each passage: bits that are set in one of its tokens' `bits[code, words]`. */
  bit_scores(
    bits: Uint32Array,
    words: number,
    codes: Uint8Array,
    code_bytes: number,
    starts: Float64Array,
    lengths: Int32Array,
    count: number,
    out: Float32Array,
  ): void;
  /**
   * Scores of the tokens to which query rows are close (EMVB): `Σ_q max_t (table[code_t, q] + Σ_byte lut[byte, residual, q])` over
   * the tokens with `table[code_t, q] > threshold`, over all of the passage's where there are none. −∞ for a passage without tokens.
   */
  close_scores(
    table: Float32Array,
    stride: number,
    columns: number,
    threshold: number,
    lut: Float32Array,
    residual_bytes: number,
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
   * Sets the bits of all numbers in some lists (`starts`, `ends`: their first bytes, and those of what follows) within `out[words]`,
   * uint32; all others become 0. A list is, see `backends/plaid/index/gaps.ts`: a byte `r`; how many numbers, seven bits a byte, lowest
   * first; and for each number its distance from the one before (the first: from −1), less 1, in Rice's code: bits from the lowest of
   * each byte upwards, `distance >> r` zeros, a one, `r` bits. Eight bytes must follow the last list. Whatever a list holds, nothing
   * beyond its end is read for it, and no bit of a number from `limit` (at most `32 · words`) on is set; `broken[0]` is the place of
   * such a list among `starts`, from 1, and 0 where there is none.
   */
  mark_lists(
    lists: Uint8Array,
    starts: Float64Array,
    ends: Float64Array,
    count: number,
    limit: number,
    words: number,
    out: Uint32Array,
    broken: Int32Array,
  ): void;
  /** `out[0]`: the largest of some codes of `code_bytes` bytes; 0 for none. */
  largest_code(codes: Uint8Array, code_bytes: number, count: number, out: Uint32Array): void;
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
}
