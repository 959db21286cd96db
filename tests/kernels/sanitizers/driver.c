/*
 * Calls every loop on small inputs whose buffers have exactly the documented size, so that the address sanitizer sees any step
 * beyond them. Compiled together with kernels.c by sanitizers_test.ts; prints "done".
 */
#include "../../../kernels/native/kernels.c"
#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 1;
static uint32_t next(void) { return state = state * 1664525u + 1013904223u; }
static float real(void) { return (float)(next() >> 8) / (1 << 23) - 1; }

static void *room(size_t bytes) { return malloc(bytes ? bytes : 1); }
static float *some_floats(size_t count, int fill_them) {
  float *values = room(4 * count);
  for (size_t i = 0; fill_them && i < count; i++) values[i] = real();
  return values;
}

static void run(int32_t dim, int32_t query_rows) {
  const int32_t vectors = (query_rows + LANES - 1) / LANES, stride = vectors * LANES, passages = 9;
  const int32_t scratch_rows = 8 * dim + stride + 64;
  int32_t *lengths = room(4 * passages), tokens = 0;
  double *starts = room(8 * passages);
  for (int32_t i = 0; i < passages; i++) {
    starts[i] = tokens;
    tokens += lengths[i] = (i * 5) % 13;
  }
  float *rows = some_floats((size_t)tokens * dim, 1), *out = some_floats(passages, 0), *scratch = some_floats(scratch_rows, 0);
  uint16_t *halves = room(2 * (size_t)tokens * dim);
  narrow_rows(rows, halves, tokens * dim);
  widen_rows(halves, rows, tokens * dim);
  float *query = some_floats((size_t)vectors * dim * LANES, 1);
  int32_t spans[2] = {0, query_rows};
  maxsim(query, vectors, dim, spans, 1, rows, 0, starts, lengths, passages, scratch, out);
  maxsim(query, vectors, dim, spans, 1, halves, 1, starts, lengths, passages, scratch, out);

  int32_t width = (dim + 3) / 4 * 4;
  uint8_t *bytes = room((size_t)tokens * width);
  int8_t *query8 = room((size_t)vectors * width * LANES);
  for (int32_t i = 0; i < vectors * width * LANES; i++) query8[i] = (int8_t)(next() >> 24);
  float *scales = some_floats(tokens, 0), *errors = some_floats(tokens, 0), *factors = some_floats(stride, 1);
  int32_t *offsets = calloc(stride + 1, 4);
  quantise(halves, 1, dim, width, tokens, scratch, bytes, scales, errors);
  quantise(rows, 0, dim, width, tokens, scratch, bytes, scales, errors);
  maxsim_i8(query8, vectors, width, offsets, factors, spans, 1, bytes, scales, starts, lengths, passages, scratch, out);

  int32_t k = 4, centroids = tokens;
  float *table = some_floats((size_t)centroids * stride, 0), *values = some_floats((size_t)k * query_rows, 0), *worst = some_floats(stride, 0);
  int32_t *numbers = room(4 * (size_t)k * query_rows);
  products(query, vectors, dim, halves, 1, centroids, scratch, table);
  top_cells(table, centroids, stride, query_rows, k, worst, values, numbers);
  largest(table, centroids, stride, query_rows, errors);

  products_i8(query8, vectors, width, offsets, factors, bytes, scales, tokens, table);
  float *wide_scratch = some_floats(9 * (size_t)dim + stride + 864, 0);
  float *code_scratch = some_floats(3 * stride, 0);
  uint8_t *keep = room(centroids);
  for (int32_t i = 0; i < centroids; i++) keep[i] = i & 1;
  int32_t *slots = room(4 * (size_t)centroids), words = (query_rows + 31) / 32;
  for (int32_t i = 0; i < centroids; i++) slots[i] = i % 3 - 1;
  uint32_t *bits = room(4 * (size_t)centroids * words);
  close_bits(table, centroids, stride, query_rows, 0.1f, bits);
  for (int32_t code_bytes = 1; code_bytes <= 4; code_bytes++) {
    uint8_t *codes = calloc((size_t)tokens * code_bytes, 1);
    for (int32_t t = 0; t < tokens; t++) codes[t * code_bytes] = (uint8_t)(next() % (uint32_t)centroids);
    centroid_scores(table, stride, query_rows, keep, codes, code_bytes, starts, lengths, passages, -9999, code_scratch, out);
    centroid_scores(table, stride, query_rows, NULL, codes, code_bytes, starts, lengths, passages, 0, code_scratch, out);
    uint8_t *norms = calloc(tokens, 1), *byte_table = room((size_t)centroids * stride);
    bit_scores(bits, words, codes, code_bytes, starts, lengths, passages, out);
    table_bytes(table, centroids, stride, query_rows, keep, -1, 0.01f, byte_table);
    centroid_scores_i8(byte_table, stride, codes, code_bytes, starts, lengths, passages, code_scratch, out);
    float *norm_values = some_floats(256, 1);
    for (int32_t nbits = 1; nbits <= 8; nbits *= 2) {
      if (dim % (8 / nbits)) continue;
      int32_t each = dim * nbits / 8;
      float *weights = some_floats(1 << nbits, 1), *lut = some_floats((size_t)each * 256 * stride, 0);
      uint8_t *residuals = room((size_t)tokens * each);
      for (int32_t i = 0; i < tokens * each; i++) residuals[i] = (uint8_t)(next() >> 24);
      residual_table(query, vectors, dim, weights, nbits, lut);
      residual_scores(table, stride, query_rows, lut, each, codes, code_bytes, residuals, norms, norm_values, starts, lengths,
                      passages, code_scratch, out);
      float *plain = some_floats((size_t)query_rows * dim, 1), *one_row = some_floats(4 * (size_t)dim + 2 * stride, 0);
      float *meaning = some_floats(256 * 8 / (size_t)nbits, 1);
      probed_scores(table, stride, query_rows, slots, plain, dim, meaning, 8 / nbits, 0, codes, code_bytes, residuals, factors,
                    starts, lengths, passages, one_row, out);
      free(plain), free(one_row), free(meaning);
      close_scores(table, stride, query_rows, 0.1f, lut, each, codes, code_bytes, residuals, starts, lengths, passages,
                   code_scratch, out);
      float *wide = some_floats(256 * 8 / (size_t)nbits, 1), *byte_scratch = some_floats(4 * (size_t)width + 2 * stride + 1024, 0);
      uint8_t *levels = room(256 * 8 / (size_t)nbits);
      residual_scores_i8(table, stride, query_rows, query8, dim, width, offsets, factors, levels, nbits, codes, code_bytes, residuals,
                         norms, norm_values, starts, lengths, passages, byte_scratch, out);
      decompressed_scores(query, vectors, dim, query_rows, halves, 1, wide, nbits, keep, codes, code_bytes, residuals, starts, lengths,
                          passages, wide_scratch, out);
      int32_t *nearest_of = calloc(tokens, 4);
      float *encode_scratch = some_floats(2 * (size_t)dim, 0), *inverse = some_floats(tokens, 0), *cutoffs = some_floats(1 << nbits, 1);
      encode_residuals(halves, 1, dim, rows, nearest_of, cutoffs, weights, nbits, tokens, encode_scratch, residuals, inverse);
      free(weights), free(lut), free(residuals), free(wide), free(byte_scratch), free(levels);
      free(nearest_of), free(encode_scratch), free(inverse), free(cutoffs);
    }
    free(byte_table), free(norm_values);
    free(codes), free(norms);
  }

  int32_t count = 37, *names = room(4 * (size_t)count), *found = room(4 * (size_t)tokens), some[3] = {0, 20, count};
  for (int32_t i = 0; i < count; i++) names[i] = (int32_t)(next() % (uint32_t)tokens);
  float *blocked = some_floats((size_t)(count + LANES - 1) / LANES * LANES * dim, 0), *near = some_floats((size_t)64 * (dim + 32), 0);
  block_rows(halves, 1, dim, names, count, scratch, blocked);
  nearest(blocked, names, count, dim, halves, 1, NULL, tokens, near, found, scales);
  nearest(blocked, NULL, count, dim, rows, 0, names, count, near, found, NULL);
  float *sums = some_floats(2 * (size_t)dim, 0);
  sum_lists(halves, 1, dim, names, some, 2, scratch, sums);

  int32_t m = 8, dsub = dim / 8;
  float *books = some_floats((size_t)m * 256 * dsub, 1), *tables = some_floats((size_t)m * 256, 0), *far = some_floats(tokens, 0);
  uint8_t *pq = calloc((size_t)tokens * m, 1);
  pq_tables(rows, books, m, 256, dsub, tables);
  pq_scan(tables, m, 256, pq, tokens, 0, far);
  float *pq_scratch = some_floats(4 * ((size_t)dim + (size_t)m * 256) + 2048 + 4 * ((size_t)tokens + 1) + 1024, 0);
  int32_t *of = calloc(tokens, 4), lists[3] = {0, 1, 0}, sizes[3] = {tokens / 2, 0, tokens - tokens / 2};
  double code_starts[3] = {0, 0, (double)(tokens / 2) * m};
  pq_encode(halves, 1, dim, rows, of, books, m, 256, tokens, pq_scratch, pq);
  pq_encode(rows, 0, dim, rows, of, books, m, 11, tokens, pq_scratch, pq);
  for (int32_t k = 1; k <= tokens + 1; k += tokens / 2) {
    int32_t *positions = room(4 * (size_t)k);
    pq_search(rows, dim, rows, lists, code_starts, sizes, 3, books, m, 256, pq, k, pq_scratch, positions);
    free(positions);
  }
  uint8_t *list = calloc(2 + 1 + 8, 1); /* r = 2; numbers 1 and 4: distances 1 and 2 */
  list[0] = 2, list[1] = 2, list[2] = 0x2b;
  double first = 0, list_end = 3;
  int32_t broken;
  uint32_t marked;
  /* two tokens, rice 1: a step up in the first place, then one behind the last place; eight bytes follow */
  uint8_t *up = calloc(8 + 8 + (size_t)dim / 2, 1), *two_codes = calloc(2, 1), *two_norms = calloc(2, 1);
  up[0] = 1 << 0; /* distance 0: a one, a zero; up: a zero */
  for (int32_t bit = 3 + dim, end = bit + 1; bit < end; bit++) up[bit >> 3] |= (uint8_t)(1 << (bit & 7));
  double no_start = 0, up_end = 8 + (size_t)dim / 2;
  int32_t two = 2;
  float *step = some_floats((size_t)dim * 2 * stride, 1), *two_scratch = some_floats(2 * stride, 0), *norm_of = some_floats(256, 1);
  step_scores(table, stride, query_rows, step, dim, 1, two_codes, 1, up, &no_start, &up_end, two_norms, norm_of, &no_start, &two, 1,
              two_scratch, out);
  free(up), free(two_codes), free(two_norms), free(step), free(two_scratch), free(norm_of);
  mark_lists(list, &first, &list_end, 1, 5, 1, &marked, &broken);
  if (marked != 0x12 || broken) exit(3);
  free(pq_scratch), free(of), free(list);
  copy_bytes(pq, keep, centroids < tokens * m ? centroids : tokens * m);
  void *all[] = {lengths, starts, rows, out, scratch, halves, query, bytes, query8, scales, errors, factors, offsets, table, values,
                 worst, numbers, code_scratch, wide_scratch, keep, names, found, blocked, near, slots, bits, sums, books, tables, far, pq};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

int main(int argc, char **argv) {
  const int32_t dims[] = {8, 24, 48, 96, 128, 200}, rows[] = {1, 5, 16, 17, 32, 40};
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) run(dims[i], rows[j]);
  (void)lanes(), (void)instructions(), (void)fast_bytes(), (void)fma_peak(10);
  void *map = (void *)map_file(argv[argc - 1], 4);
  if (!map || advise(map, 4, 2) || unmap_file(map, 4)) return 2;
  puts("done");
  return 0;
}
