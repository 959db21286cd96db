/*
 * Feeds every loop that reads the contents of an index with what an attacker may put there, in buffers of exactly the documented size:
 * codes below the number of centroids, which is what opening an index lets through; lists of numbers and of steps that hold anything.
 * Compiled together with kernels.c by fuzz_test.ts; takes a seed and a number of rounds, prints "done".
 */
#include "../../../kernels/native/kernels.c"
#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 1;
static uint32_t next(void) {
  state ^= state << 13, state ^= state >> 17;
  return state ^= state << 5;
}
static uint32_t below(uint32_t limit) { return next() % limit; }
static float real(void) { return (float)(next() >> 8) / (1 << 23) - 1; }

static void *room(size_t bytes) { return malloc(bytes ? bytes : 1); }
static float *some_floats(size_t count) {
  float *values = room(4 * count);
  for (size_t i = 0; i < count; i++) values[i] = real();
  return values;
}

/* Bytes of every kind that lists are broken by: anything, zeros, ones, few bits set. */
static void fill_bytes(uint8_t *bytes, size_t count) {
  uint32_t kind = below(5);
  for (size_t i = 0; i < count; i++) {
    uint32_t byte = next() >> 8;
    bytes[i] = (uint8_t)(kind == 0 ? byte : kind == 1 ? 0 : kind == 2 ? 255 : kind == 3 ? (byte % 9 ? 0 : byte) : byte | byte >> 3);
  }
}

/* Splits `bytes` into lists, some of them empty. */
static void split(double *starts, double *ends, int32_t count, int32_t bytes) {
  int32_t at = 0;
  for (int32_t i = 0; i < count; i++) {
    int32_t left = bytes - at, own = i == count - 1 ? left : (int32_t)below((uint32_t)(left / 2 + 1));
    starts[i] = at, ends[i] = at += own;
  }
}

static void fuzz_lists(void) {
  int32_t count = 1 + (int32_t)below(6), bytes = (int32_t)below(300), limit = 1 + (int32_t)below(500), words = (limit + 31) / 32;
  uint8_t *lists = room((size_t)bytes + 8);
  fill_bytes(lists, (size_t)bytes + 8);
  double *starts = room(8 * (size_t)count), *ends = room(8 * (size_t)count);
  split(starts, ends, count, bytes);
  for (int32_t i = 0; i < count; i++) { /* parameters that shifts can do, more often than not */
    if (ends[i] > starts[i] && below(4)) lists[(size_t)starts[i]] &= 31;
    if (ends[i] > starts[i] + 1 && below(4)) lists[(size_t)starts[i] + 1] &= 127;
  }
  uint32_t *out = room(4 * (size_t)words);
  int32_t *broken = room(4);
  mark_lists(lists, starts, ends, count, limit, words, out, broken);
  if (*broken < 0 || *broken > count || (limit % 32 && out[words - 1] >> limit % 32)) exit(3);
  free(lists), free(starts), free(ends), free(out), free(broken);
}

/* All loops over codes and residuals of one made-up index. */
static void fuzz_codes(void) {
  const int32_t dims[] = {8, 16, 24, 64, 96, 128}, dim = dims[below(6)], rows = 1 + (int32_t)below(40);
  const int32_t vectors = (rows + LANES - 1) / LANES, stride = vectors * LANES, width = (dim + 3) / 4 * 4;
  const int32_t code_bytes = 1 + (int32_t)below(4), centroids = 1 + (int32_t)below(code_bytes == 1 ? 200 : 300);
  const int32_t passages = 1 + (int32_t)below(12);
  int32_t *lengths = room(4 * (size_t)passages), tokens = 0;
  double *starts = room(8 * (size_t)passages);
  for (int32_t i = 0; i < passages; i++) starts[i] = tokens, tokens += lengths[i] = (int32_t)below(below(3) ? 12 : 60);
  uint8_t *codes = room((size_t)tokens * code_bytes), *norms = room(tokens);
  for (int32_t t = 0; t < tokens; t++) {
    uint32_t code = below(4) ? below((uint32_t)centroids) : (uint32_t)centroids - 1;
    for (int32_t b = 0; b < code_bytes; b++) codes[t * code_bytes + b] = (uint8_t)(code >> 8 * b);
    norms[t] = (uint8_t)next();
  }
  uint32_t largest_one;
  largest_code(codes, code_bytes, tokens, &largest_one);
  if (tokens > 0 && largest_one >= (uint32_t)centroids) exit(4);
  float *table = some_floats((size_t)centroids * stride), *norm_values = some_floats(256), *out = room(4 * (size_t)passages);
  float *scratch = room(4 * (size_t)3 * stride);
  uint8_t *keep = room(centroids);
  for (int32_t i = 0; i < centroids; i++) keep[i] = below(3) > 0;
  centroid_scores(table, stride, rows, below(2) ? keep : NULL, codes, code_bytes, starts, lengths, passages, -9999, scratch, out);
  uint8_t *byte_table = room((size_t)centroids * stride);
  table_bytes(table, centroids, stride, rows, below(2) ? keep : NULL, -1, 0.01f, byte_table);
  centroid_scores_i8(byte_table, stride, codes, code_bytes, starts, lengths, passages, scratch, out);
  int32_t words = (rows + 31) / 32, *slots = room(4 * (size_t)centroids);
  uint32_t *bits = room(4 * (size_t)centroids * words);
  close_bits(table, centroids, stride, rows, 0.3f, bits);
  bit_scores(bits, words, codes, code_bytes, starts, lengths, passages, out);
  for (int32_t i = 0; i < centroids; i++) slots[i] = (int32_t)below((uint32_t)centroids + 1) - 1;

  float *plain = some_floats((size_t)rows * dim), *missing = some_floats(stride), *query = some_floats((size_t)vectors * dim * LANES);
  float *probed = room(4 * (4 * (size_t)dim + 2 * (size_t)stride));
  const int32_t nbits = 1 << below(4), each = 8 / nbits;
  if (dim % each == 0) {
    int32_t bytes = dim / each;
    uint8_t *residuals = room((size_t)tokens * bytes);
    fill_bytes(residuals, (size_t)tokens * bytes);
    float *lut = some_floats((size_t)bytes * 256 * stride), *meaning = some_floats(256 * (size_t)each);
    residual_scores(table, stride, rows, lut, bytes, codes, code_bytes, residuals, norms, norm_values, starts, lengths, passages,
                    scratch, out);
    close_scores(table, stride, rows, 0.2f, lut, bytes, codes, code_bytes, residuals, starts, lengths, passages, scratch, out);
    probed_scores(table, stride, rows, slots, plain, dim, meaning, each, 0, codes, code_bytes, residuals, missing, starts, lengths,
                  passages, probed, out);
    uint8_t *levels = room(256 * (size_t)each);
    fill_bytes(levels, 256 * (size_t)each);
    int8_t *query8 = room((size_t)vectors * width * LANES);
    memset(query8, 3, (size_t)vectors * width * LANES);
    int32_t *offsets = calloc((size_t)stride, 4);
    float *byte_scratch = room(4 * (4 * (size_t)width + 2 * (size_t)stride + 1024));
    residual_scores_i8(table, stride, rows, query8, dim, width, offsets, missing, levels, nbits, codes, code_bytes, residuals, norms,
                       norm_values, starts, lengths, passages, byte_scratch, out);
    uint16_t *halves = room(2 * (size_t)centroids * dim);
    for (int32_t i = 0; i < centroids * dim; i++) halves[i] = (uint16_t)(next() % 0x7c00);
    float *wide = room(4 * (9 * (size_t)dim + (size_t)stride + 864)), *weights = some_floats(256 * (size_t)each);
    decompressed_scores(query, vectors, dim, rows, halves, 1, weights, nbits, below(2) ? keep : NULL, codes, code_bytes, residuals,
                        starts, lengths, passages, wide, out);
    free(residuals), free(lut), free(meaning), free(levels), free(query8), free(offsets), free(byte_scratch), free(halves), free(wide);
    free(weights);
  }
  int32_t parts = 8, dsub = dim / parts; /* product quantisation */
  uint8_t *pq = room((size_t)tokens * parts);
  fill_bytes(pq, (size_t)tokens * parts);
  float *books = some_floats((size_t)parts * 256 * dsub);
  probed_scores(table, stride, rows, slots, plain, dim, books, dsub, 256 * dsub, codes, code_bytes, pq, missing, starts, lengths,
                passages, probed, out);

  int32_t listed = (int32_t)below(400);
  uint8_t *lists = room((size_t)listed + 8);
  fill_bytes(lists, (size_t)listed + 8);
  double *list_starts = room(8 * (size_t)passages), *list_ends = room(8 * (size_t)passages);
  split(list_starts, list_ends, passages, listed);
  float *steps = some_floats((size_t)dim * 2 * stride);
  step_scores(table, stride, rows, steps, dim, (int32_t)below(16), codes, code_bytes, lists, list_starts, list_ends, norms,
              norm_values, starts, lengths, passages, scratch, out);
  void *all[] = {lengths, starts, codes, norms, table, norm_values, out, scratch, keep, byte_table, slots, bits, plain, missing, query,
                 probed, pq, books, lists, list_starts, list_ends, steps};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  state = (uint32_t)atoi(argv[1]) * 2654435761u + 1;
  for (int round = atoi(argv[2]); round > 0; round--) {
    for (int i = 0; i < 20; i++) fuzz_lists();
    fuzz_codes();
  }
  puts("done");
  return 0;
}
