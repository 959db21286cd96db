/*
 * The inner loops in C, compiled once on the machine that runs them (cc -O3 -march=native). kernels/reference.ts says what
 * they mean; arguments are as there unless said otherwise. Vector types of GCC and Clang; the width follows the machine: 16 floats with AVX-512, else 8.
 */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#ifdef __AVX512F__
#define LANES 16
#define BLOCK 8 /* rows at a time: 2 * BLOCK accumulators fit into the 32 registers */
#else
#define LANES 8
#define BLOCK 6 /* 16 registers */
#endif

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t mask __attribute__((vector_size(4 * LANES)));

/** Floats a vector: the caller lays the query out for it. */
int32_t lanes(void) { return LANES; }

static inline float widen_one(uint16_t half) {
  uint32_t bits = (uint32_t)(half & 0x7fff) << 13, sign = (uint32_t)(half & 0x8000) << 16;
  float value;
  memcpy(&value, &bits, 4);
  value *= 0x1p112f; /* moves the exponent's bias from 15 to 127; exact, denormals included */
  memcpy(&bits, &value, 4);
  bits |= sign;
  memcpy(&value, &bits, 4);
  return value;
}

static inline void widen(const uint16_t *from, float *to, int32_t count) {
  int32_t i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= count; i += 16)
    _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(from + i))));
#elif defined(__F16C__)
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + i))));
#endif
  for (; i < count; i++) to[i] = widen_one(from[i]);
}

static inline vec larger(vec a, vec b) {
#if defined(__AVX512F__)
  return (vec)_mm512_max_ps((__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#else
  mask take = a > b;
  return (vec)(((mask)a & take) | ((mask)b & ~take));
#endif
}

/*
 * Rows ahead of those in work that are asked for meanwhile: a core that waits for memory only when it needs it loses a third of
 * its time.
 */
#define AHEAD 64

/* The row that will be needed AHEAD rows after row `done` of a passage: of the passage after it, where this one ends before. */
static inline int64_t row_ahead(const double *starts, const int32_t *lengths, int32_t count, int32_t passage, int32_t done) {
  int32_t beyond = done + AHEAD - lengths[passage];
  if (beyond < 0) return (int64_t)starts[passage] + done + AHEAD;
  return passage + 1 < count ? (int64_t)starts[passage + 1] + beyond : (int64_t)starts[passage];
}

/* The meaning of `rows` below: fp16 where `half`, else float32. Returns float32 rows, widened into `scratch` where needed. */
static inline const float *floats(const void *rows, int32_t half, int64_t first, int32_t count, int32_t dim, float *scratch) {
  if (!half) return (const float *)rows + first * dim;
  widen((const uint16_t *)rows + first * dim, scratch, count * dim);
  return scratch;
}

/* Adds the products of dimension d. */
static inline __attribute__((always_inline)) void add_products(const float *query, int32_t dim, const float *rows,
                                                               const int vectors, const int count, vec sums[2][BLOCK],
                                                               int32_t d) {
  for (int v = 0; v < vectors; v++) {
    vec q = *(const vec *)(query + ((int64_t)v * dim + d) * LANES);
    for (int r = 0; r < count; r++) sums[v][r] += q * rows[(int64_t)r * dim + d];
  }
}

/*
 * sums[v][r] = row r · query vector v; vectors and count are constants at every call, so all loops unroll.
 * ahead: memory to ask for meanwhile, 16 bytes a dimension (what 8 rows of fp16 have)
 */
static inline __attribute__((always_inline)) void multiply(const float *query, int32_t dim, const float *rows,
                                                           const int vectors, const int count, vec sums[2][BLOCK],
                                                           const char *ahead) {
  for (int v = 0; v < vectors; v++)
    for (int r = 0; r < count; r++) sums[v][r] = (vec){0};
  int32_t d = 0;
  for (; d + 4 <= dim; d += 4) {
    __builtin_prefetch(ahead + 16 * d);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) add_products(query, dim, rows, vectors, count, sums, d + i);
  }
  for (; d < dim; d++) add_products(query, dim, rows, vectors, count, sums, d);
}

/* Calls step(query, dim, rows, vectors, count, ...) with constant vectors (2 or 1) and count (1 to BLOCK). */
#define WITH_COUNT(step, vectors, count, ...) \
  switch (count) {                            \
    case 1: step(vectors, 1, __VA_ARGS__); break; \
    case 2: step(vectors, 2, __VA_ARGS__); break; \
    case 3: step(vectors, 3, __VA_ARGS__); break; \
    case 4: step(vectors, 4, __VA_ARGS__); break; \
    case 5: step(vectors, 5, __VA_ARGS__); break; \
    WITH_MORE(step, vectors, __VA_ARGS__)     \
    default: step(vectors, BLOCK, __VA_ARGS__); \
  }
#if BLOCK > 6
#define WITH_MORE(step, vectors, ...)         \
  case 6: step(vectors, 6, __VA_ARGS__); break; \
  case 7: step(vectors, 7, __VA_ARGS__); break;
#else
#define WITH_MORE(step, vectors, ...)
#endif

/* The same for a count of BLOCK or 1: where there are many rows, single ones at the end cost little. */
#define WITH_BLOCK(step, vectors, count, ...)     \
  {                                               \
    if ((count) == 1) step(vectors, 1, __VA_ARGS__); \
    else step(vectors, BLOCK, __VA_ARGS__);       \
  }

/* ---- tiles: 16 rows times 16 lanes in one instruction (AMX) ---- */

#if defined(__AMX_INT8__) && defined(__AVX512VNNI__) && defined(__linux__)
#define TILES 1
struct tile_shapes {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

/* Whether the system lets this process use tiles: it has to be asked once. */
static int tiles_allowed(void) {
  static int known = -1;
  if (known < 0) known = syscall(SYS_arch_prctl, 0x1023 /* ARCH_REQ_XCOMP_PERM */, 18 /* tile data */) == 0;
  return known;
}

/* Opens tiles where rows of this width can be multiplied by them. */
static int open_tiles(int32_t width) {
  if (width % 64 != 0 || !tiles_allowed()) return 0;
  struct tile_shapes shapes = {.palette = 1};
  for (int i = 0; i < 8; i++) shapes.row_bytes[i] = 64, shapes.rows[i] = 16;
  _tile_loadconfig(&shapes);
  return 1;
}

static void close_tiles(int open) {
  if (open) _tile_release();
}

/* products[2][16 rows][LANES] of 16 rows of bytes with one or two query vectors; `width` is a multiple of 64. */
static inline void multiply_bytes(const int8_t *query, int32_t vectors, int32_t width, const uint8_t *rows, int32_t *products) {
  _tile_zero(0);
  _tile_zero(1);
  for (int32_t d = 0; d < width; d += 64) {
    _tile_loadd(2, rows + d, width);
    _tile_loadd(3, query + (int64_t)d * LANES, 64);
    _tile_dpbusd(0, 2, 3);
    if (vectors < 2) continue;
    _tile_loadd(4, query + ((int64_t)width + d) * LANES, 64);
    _tile_dpbusd(1, 2, 4);
  }
  _tile_stored(0, products, 64);
  if (vectors > 1) _tile_stored(1, products + 16 * LANES, 64);
}

#else
#define TILES 0
static int open_tiles(int32_t width) { return (void)width, 0; }
static void close_tiles(int open) { (void)open; }
#endif

/* ---- MaxSim ---- */

static inline __attribute__((always_inline)) void keep_largest(const int vectors, const int count, const float *query,
                                                               int32_t dim, const float *rows, const char *ahead, float *best) {
  vec sums[2][BLOCK];
  multiply(query, dim, rows, vectors, count, sums, ahead);
  for (int v = 0; v < vectors; v++) {
    vec top = *(vec *)(best + v * LANES);
    for (int r = 0; r < count; r++) top = larger(sums[v][r], top);
    *(vec *)(best + v * LANES) = top;
  }
}

/* best = max(best, products of `count` (at most BLOCK) rows with all vectors). */
static __attribute__((noinline)) void keep_largest_rows(const float *query, int32_t vectors, int32_t dim, const float *rows,
                                                        int32_t count, const char *ahead, float *best) {
  int32_t v = 0;
  for (; v + 2 <= vectors; v += 2)
    WITH_COUNT(keep_largest, 2, count, query + (int64_t)v * dim * LANES, dim, rows, ahead, best + v * LANES)
  if (v < vectors) WITH_COUNT(keep_largest, 1, count, query + (int64_t)v * dim * LANES, dim, rows, ahead, best + v * LANES)
}

static void sum_queries(const float *best, const int32_t *spans, int32_t queries, float *out) {
  for (int32_t i = 0; i < queries; i++) {
    const float *from = best + spans[2 * i];
    float sums[4] = {0}; /* four chains: each addition has to wait for the one before */
    for (int32_t q = 0; q < spans[2 * i + 1]; q++) sums[q & 3] += from[q];
    out[i] = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
}

static void fill(float *values, int32_t count, float value) {
  for (int32_t i = 0; i < count; i++) values[i] = value;
}

/*
 * query    float32 [vectors, dim, LANES], filled up with zeros
 * spans    int32 [queries, 2]: place of each query's first row, and its rows
 * scratch  float32, BLOCK * dim + vectors * LANES
 */
void maxsim(const float *query, int32_t vectors, int32_t dim, const int32_t *spans, int32_t queries, const void *rows,
            int32_t half, const double *starts, const int32_t *lengths, int32_t count, float *scratch, float *out) {
  float *best = scratch + (int64_t)BLOCK * dim;
  for (int32_t passage = 0; passage < count; passage++, out += queries) {
    if (lengths[passage] == 0) {
      fill(out, queries, -INFINITY);
      continue;
    }
    fill(best, vectors * LANES, -INFINITY);
    int64_t row = (int64_t)starts[passage];
    for (int32_t left = lengths[passage]; left > 0; left -= BLOCK, row += BLOCK) {
      int32_t block = left < BLOCK ? left : BLOCK;
      const float *wide = floats(rows, half, row, block, dim, scratch);
      int64_t next = row_ahead(starts, lengths, count, passage, lengths[passage] - left);
      const char *ahead = (const char *)rows + next * dim * (half ? 2 : 4);
      keep_largest_rows(query, vectors, dim, wide, block, ahead, best);
    }
    sum_queries(best, spans, queries, out);
  }
}

/* ---- MaxSim of int8 rows: four products a step, accumulated in int32 ---- */

typedef int32_t ivec __attribute__((vector_size(4 * LANES), aligned(4)));

static inline ivec broadcast4(const uint8_t *four) {
  int32_t bits;
  memcpy(&bits, four, 4);
  return (ivec){0} + bits;
}

/*
 * sum + the products of four bytes of a row (the same in all lanes; 128 more than they mean) with four of each lane's query row.
 * Where the instructions want signed bytes, 128 is taken off first and OFFSETS is 0: nothing is left to correct.
 */
#if defined(__AVX512VNNI__)
#define OFFSETS 1
static inline ivec dot4(ivec sum, ivec row, ivec query) {
  return (ivec)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)row, (__m512i)query);
}
#elif defined(__AVX512BW__)
#define OFFSETS 0
static inline ivec dot4(ivec sum, ivec row, ivec query) {
  __m512i a = _mm512_xor_si512((__m512i)row, _mm512_set1_epi8(-128)), b = (__m512i)query;
  b = _mm512_mask_sub_epi8(b, _mm512_movepi8_mask(a), _mm512_setzero_si512(), b);
  __m512i pairs = _mm512_maddubs_epi16(_mm512_abs_epi8(a), b);
  return (ivec)_mm512_add_epi32((__m512i)sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}
#elif defined(__AVX2__) && !defined(__AVX512F__)
#define OFFSETS 0
static inline ivec dot4(ivec sum, ivec row, ivec query) {
  __m256i a = _mm256_xor_si256((__m256i)row, _mm256_set1_epi8(-128));
  __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(a), _mm256_sign_epi8((__m256i)query, a));
  return (ivec)_mm256_add_epi32((__m256i)sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
#else
#define OFFSETS 1
static inline ivec dot4(ivec sum, ivec row, ivec query) {
  for (int32_t lane = 0; lane < LANES; lane++) {
    uint8_t a[4];
    int8_t b[4];
    int32_t r = row[lane], q = query[lane];
    memcpy(a, &r, 4);
    memcpy(b, &q, 4);
    sum[lane] += a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  }
  return sum;
}
#endif

static inline __attribute__((always_inline)) void keep_largest_i8(const int vectors, const int count, const int8_t *query,
                                                                  const int32_t *offsets, int32_t dim,
                                                                  const uint8_t *rows, const uint8_t *ahead, const float *scales,
                                                                  float *best) {
  ivec sums[2][BLOCK];
  for (int v = 0; v < vectors; v++)
    for (int r = 0; r < count; r++) sums[v][r] = OFFSETS ? *(const ivec *)(offsets + v * LANES) : (ivec){0};
  for (int32_t d = 0; d < dim; d += 4) {
    if ((d & 7) == 0) __builtin_prefetch(ahead + 8 * d);
    for (int v = 0; v < vectors; v++) {
      ivec q = *(const ivec *)(query + ((int64_t)v * dim + d) * LANES);
      for (int r = 0; r < count; r++) sums[v][r] = dot4(sums[v][r], broadcast4(rows + (int64_t)r * dim + d), q);
    }
  }
  for (int v = 0; v < vectors; v++) {
    vec top = *(vec *)(best + v * LANES);
    for (int r = 0; r < count; r++) top = larger(__builtin_convertvector(sums[v][r], vec) * scales[r], top);
    *(vec *)(best + v * LANES) = top;
  }
}

#if TILES
/* The same for all rows of a passage that has 16 or more, by tiles. The last ones overlap those before: that changes no maximum. */
static void keep_largest_tiles(const int8_t *query, const int32_t *offsets, int32_t vectors, int32_t dim, const uint8_t *rows,
                               const float *scales, int32_t length, const uint8_t *ahead, float *best) {
  int32_t products[2 * 16 * LANES] __attribute__((aligned(64)));
  for (int32_t done = 0; done < length; done += 16) {
    int32_t first = done + 16 <= length ? done : length - 16;
    for (int32_t line = 0; line < 16 * dim; line += 64) __builtin_prefetch(ahead + (int64_t)done * dim + line);
    for (int32_t v = 0; v < vectors; v += 2) {
      int32_t pair = vectors - v < 2 ? 1 : 2;
      multiply_bytes(query + (int64_t)v * dim * LANES, pair, dim, rows + (int64_t)first * dim, products);
      for (int32_t p = 0; p < pair; p++) {
        vec top = *(vec *)(best + (v + p) * LANES);
        ivec offset = *(const ivec *)(offsets + (v + p) * LANES);
        for (int32_t r = 0; r < 16; r++) {
          ivec sum = *(const ivec *)(products + (p * 16 + r) * LANES) + offset;
          top = larger(__builtin_convertvector(sum, vec) * scales[first + r], top);
        }
        *(vec *)(best + (v + p) * LANES) = top;
      }
    }
  }
}
#endif

/*
 * query    int8 [vectors, dim / 4, LANES, 4], filled up with zeros
 * offsets  int32 [vectors * LANES]: minus 128 times the sum of each query row
 * factors  float32 [vectors * LANES]: the query rows' scales, 0 where no row is
 * scratch  float32, vectors * LANES
 */
void maxsim_i8(const int8_t *query, int32_t vectors, int32_t dim, const int32_t *offsets, const float *factors,
               const int32_t *spans, int32_t queries, const uint8_t *rows, const float *scales, const double *starts,
               const int32_t *lengths, int32_t count, float *scratch, float *out) {
  float *best = scratch;
  int tiles = open_tiles(dim);
  for (int32_t passage = 0; passage < count; passage++, out += queries) {
    if (lengths[passage] == 0) {
      fill(out, queries, -INFINITY);
      continue;
    }
    fill(best, vectors * LANES, -INFINITY);
    int64_t row = (int64_t)starts[passage];
#if TILES
    if (tiles && lengths[passage] >= 16) {
      const uint8_t *ahead = rows + row_ahead(starts, lengths, count, passage, 0) * dim;
      keep_largest_tiles(query, offsets, vectors, dim, rows + row * dim, scales + row, lengths[passage], ahead, best);
    } else
#endif
    {
      for (int32_t left = lengths[passage]; left > 0; left -= BLOCK, row += BLOCK) {
        int32_t block = left < BLOCK ? left : BLOCK;
        const uint8_t *bytes = rows + row * dim;
        const uint8_t *ahead = rows + row_ahead(starts, lengths, count, passage, lengths[passage] - left) * dim;
        const float *scale = scales + row;
        int32_t v = 0;
        for (; v + 2 <= vectors; v += 2)
          WITH_COUNT(keep_largest_i8, 2, block, query + (int64_t)v * dim * LANES, offsets + v * LANES, dim, bytes, ahead, scale, best + v * LANES)
        if (v < vectors)
          WITH_COUNT(keep_largest_i8, 1, block, query + (int64_t)v * dim * LANES, offsets + v * LANES, dim, bytes, ahead, scale, best + v * LANES)
      }
    }
    for (int32_t i = 0; i < vectors * LANES; i++) best[i] *= factors[i];
    sum_queries(best, spans, queries, out);
  }
  close_tiles(tiles);
}

static inline __attribute__((always_inline)) void store_sums_i8(const int vectors, const int count, const int8_t *query,
                                                                int32_t width, const uint8_t *rows, int32_t *products) {
  ivec sums[2][BLOCK];
  for (int v = 0; v < vectors; v++)
    for (int r = 0; r < count; r++) sums[v][r] = (ivec){0};
  for (int32_t d = 0; d < width; d += 4) {
    for (int v = 0; v < vectors; v++) {
      ivec q = *(const ivec *)(query + ((int64_t)v * width + d) * LANES);
      for (int r = 0; r < count; r++) sums[v][r] = dot4(sums[v][r], broadcast4(rows + (int64_t)r * width + d), q);
    }
  }
  for (int v = 0; v < vectors; v++)
    for (int r = 0; r < count; r++) *(ivec *)(products + (v * 16 + r) * LANES) = sums[v][r];
}

/* Rows that multiply_rows_i8() takes at once. */
#define ROWS_I8(tiles) ((tiles) ? 16 : BLOCK)

/* products[2][16][LANES] of some rows with one or two query vectors; where OFFSETS is 1 the query's offsets are still to be added. */
static __attribute__((noinline)) void multiply_rows_i8(int tiles, const int8_t *query, int32_t vectors, int32_t width,
                                                       const uint8_t *rows, int32_t count, int32_t *products) {
#if TILES
  if (tiles) {
    multiply_bytes(query, vectors, width, rows, products);
    return;
  }
#else
  (void)tiles;
#endif
  if (vectors > 1) WITH_COUNT(store_sums_i8, 2, count, query, width, rows, products)
  else WITH_COUNT(store_sums_i8, 1, count, query, width, rows, products)
}

/* out: float32 [count, vectors * LANES] */
void products_i8(const int8_t *query, int32_t vectors, int32_t dim, const int32_t *offsets, const float *factors,
                 const uint8_t *rows, const float *scales, int32_t count, float *out) {
  int32_t stride = vectors * LANES, products[2 * 16 * LANES] __attribute__((aligned(64)));
  int tiles = count >= 16 && open_tiles(dim);
  for (int32_t row = 0; row < count; row += ROWS_I8(tiles)) {
    int32_t size = count - row < ROWS_I8(tiles) ? count - row : ROWS_I8(tiles);
    if (tiles && size < 16) row = count - 16, size = 16; /* the last ones are done twice: tiles take sixteen */
    for (int32_t v = 0; v < vectors; v += 2) {
      int32_t pair = vectors - v < 2 ? 1 : 2;
      multiply_rows_i8(tiles, query + (int64_t)v * dim * LANES, pair, dim, rows + (int64_t)row * dim, size, products);
      for (int32_t p = v; p < v + pair; p++) {
        ivec offset = OFFSETS ? *(const ivec *)(offsets + p * LANES) : (ivec){0};
        vec factor = *(const vec *)(factors + p * LANES);
        for (int32_t r = 0; r < size; r++) {
          ivec sum = *(const ivec *)(products + ((p - v) * 16 + r) * LANES) + offset;
          *(vec *)(out + (int64_t)(row + r) * stride + p * LANES) = __builtin_convertvector(sum, vec) * scales[row + r] * factor;
        }
      }
    }
  }
  close_tiles(tiles);
}

/* Whether bytes are multiplied by tiles, many times as fast as floats. */
int32_t fast_bytes(void) {
#if TILES
  return tiles_allowed();
#else
  return 0;
#endif
}

/* The instructions that this build uses, for people. */
const char *instructions(void) {
#if TILES
  if (tiles_allowed()) return "AVX-512, int8 by AMX tiles";
#endif
#if defined(__AVX512VNNI__)
  return "AVX-512, int8 by VNNI";
#elif defined(__AVX512BW__)
  return "AVX-512, int8 by maddubs";
#elif defined(__AVX512F__)
  return "AVX-512, int8 without vectors";
#elif defined(__AVX2__)
  return "AVX2, int8 by maddubs";
#else
  return "what the compiler makes of vectors of 8 floats";
#endif
}

void quantise(const void *rows, int32_t half, int32_t dim, int32_t stride, int32_t count, float *scratch, uint8_t *out,
              float *scales, float *errors) {
  for (int64_t i = 0; i < count; i++, out += stride) {
    memset(out, 128, (size_t)stride);
    const float *row = floats(rows, half, i, 1, dim, scratch);
    float largest = 0;
    for (int32_t d = 0; d < dim; d++) largest = fmaxf(largest, fabsf(row[d]));
    float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    double error = 0;
    for (int32_t d = 0; d < dim; d++) {
      float level = rintf(row[d] * inverse);
      if (!(level <= 127)) level = 127; /* rounding of the inverse, or denormals */
      if (level < -127) level = -127;
      out[d] = (uint8_t)((int32_t)level + 128);
      double rest = (double)row[d] - (double)scale * level;
      error += rest * rest;
    }
    scales[i] = scale;
    errors[i] = (float)(sqrt(error) * (1 + 1e-6)); /* never less than the true error */
  }
}

/* ---- products with centroids ---- */

static inline __attribute__((always_inline)) void store_products(const int vectors, const int count, const float *query,
                                                                 int32_t dim, const float *rows, const char *ahead, float *out, int32_t stride) {
  vec sums[2][BLOCK];
  multiply(query, dim, rows, vectors, count, sums, ahead);
  for (int v = 0; v < vectors; v++)
    for (int r = 0; r < count; r++) *(vec *)(out + (int64_t)r * stride + v * LANES) = sums[v][r];
}

/* out: float32 [count, vectors * LANES] */
void products(const float *query, int32_t vectors, int32_t dim, const void *rows, int32_t half, int32_t count,
              float *scratch, float *out) {
  int32_t stride = vectors * LANES;
  for (int32_t row = 0, block; row < count; row += block, out += (int64_t)block * stride) {
    block = count - row < BLOCK ? 1 : BLOCK;
    const float *wide = floats(rows, half, row, block, dim, scratch);
    const char *ahead = (const char *)rows + (int64_t)(row + AHEAD) * dim * (half ? 2 : 4);
    int32_t v = 0;
    for (; v + 2 <= vectors; v += 2)
      WITH_BLOCK(store_products, 2, block, query + (int64_t)v * dim * LANES, dim, wide, ahead, out + v * LANES, stride)
    if (v < vectors) WITH_BLOCK(store_products, 1, block, query + (int64_t)v * dim * LANES, dim, wide, ahead, out + v * LANES, stride)
  }
}

/* Which lanes of a are larger than those of b, as bits. */
static inline uint32_t larger_lanes(vec a, vec b) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask((__m512)a, (__m512)b, _CMP_GT_OQ);
#elif defined(__AVX2__)
  return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps((__m256)a, (__m256)b, _CMP_GT_OQ));
#else
  uint32_t bits = 0;
  mask better = a > b;
  for (int lane = 0; lane < LANES; lane++) bits |= (uint32_t)(better[lane] & 1) << lane;
  return bits;
#endif
}

/* The largest lane. */
static inline float largest_lane(vec a) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_ps((__m512)a);
#else
  float top = a[0];
  for (int lane = 1; lane < LANES; lane++) top = a[lane] > top ? a[lane] : top;
  return top;
#endif
}

/* The sum of all lanes. */
static inline float sum_lanes(vec a) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps((__m512)a);
#else
  float sum = a[0];
  for (int lane = 1; lane < LANES; lane++) sum += a[lane];
  return sum;
#endif
}

/* Puts (value, number) into a list that is sorted, best first; the last one falls out. Equal values: the first stays first. */
static void insert(float *values, int32_t *numbers, int32_t k, float value, int32_t number) {
  int32_t at = k - 1;
  for (; at > 0 && values[at - 1] < value; at--) {
    values[at] = values[at - 1];
    numbers[at] = numbers[at - 1];
  }
  values[at] = value;
  numbers[at] = number;
}

/* worst: float32 [stride] of scratch. */
void top_cells(const float *products, int32_t count, int32_t stride, int32_t columns, int32_t k, float *worst,
               float *values, int32_t *numbers) {
  for (int32_t i = 0; i < columns * k; i++) values[i] = -INFINITY, numbers[i] = -1;
  for (int32_t q = 0; q < stride; q++) worst[q] = q < columns ? -INFINITY : INFINITY;
  for (int32_t row = 0; row < count; row++, products += stride) {
    for (int32_t q = 0; q < stride; q += LANES) {
      uint32_t better = larger_lanes(*(const vec *)(products + q), *(const vec *)(worst + q));
      for (; better; better &= better - 1) {
        int32_t c = q + __builtin_ctz(better);
        insert(values + (int64_t)c * k, numbers + (int64_t)c * k, k, products[c], row);
        worst[c] = values[(int64_t)c * k + k - 1];
      }
    }
  }
}

/* ---- scores from codes ---- */

static inline uint32_t code_at(const uint8_t *codes, int32_t bytes, int64_t token) {
  codes += token * bytes;
  uint32_t code = codes[0];
  if (bytes > 1) code |= (uint32_t)codes[1] << 8;
  if (bytes > 2) code |= (uint32_t)codes[2] << 16;
  if (bytes > 3) code |= (uint32_t)codes[3] << 24;
  return code;
}

static inline __attribute__((always_inline)) void centroid_best(const float *table, int32_t stride, const uint8_t *keep,
                                                                const uint8_t *codes, const int32_t bytes, int64_t token,
                                                                int32_t length, float floor, float *best) {
  if (stride == 2 * LANES) { /* the common case stays in registers */
    vec a = (vec){0} + floor, b = a;
    for (int32_t t = 0; t < length; t++) {
      uint32_t code = code_at(codes, bytes, token + t);
      if (keep && !keep[code]) continue;
      const float *row = table + (int64_t)code * stride;
      a = larger(*(const vec *)row, a);
      b = larger(*(const vec *)(row + LANES), b);
    }
    *(vec *)best = a;
    *(vec *)(best + LANES) = b;
    return;
  }
  fill(best, stride, floor);
  for (int32_t t = 0; t < length; t++) {
    uint32_t code = code_at(codes, bytes, token + t);
    if (keep && !keep[code]) continue;
    for (int32_t q = 0; q < stride; q += LANES)
      *(vec *)(best + q) = larger(*(const vec *)(table + (int64_t)code * stride + q), *(vec *)(best + q));
  }
}

/* table: products() of all centroids; keep: one byte a centroid, or null; scratch: float32 [stride] */
void centroid_scores(const float *table, int32_t stride, int32_t columns, const uint8_t *keep, const uint8_t *codes,
                     int32_t code_bytes, const double *starts, const int32_t *lengths, int32_t count, float floor,
                     float *scratch, float *out) {
  int32_t span[2] = {0, columns};
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i];
    switch (code_bytes) {
      case 1: centroid_best(table, stride, keep, codes, 1, token, lengths[i], floor, scratch); break;
      case 2: centroid_best(table, stride, keep, codes, 2, token, lengths[i], floor, scratch); break;
      case 3: centroid_best(table, stride, keep, codes, 3, token, lengths[i], floor, scratch); break;
      default: centroid_best(table, stride, keep, codes, 4, token, lengths[i], floor, scratch);
    }
    sum_queries(scratch, span, 1, out + i);
  }
}

/* lut: float32 [dim * nbits / 8, 256, vectors * LANES] */
void residual_table(const float *query, int32_t vectors, int32_t dim, const float *weights, int32_t nbits, float *lut) {
  int32_t each = 8 / nbits, stride = vectors * LANES;
  for (int32_t byte = 0; byte < dim / each; byte++) {
    for (int32_t value = 0; value < 256; value++, lut += stride) {
      for (int32_t v = 0; v < vectors; v++) {
        vec sum = {0};
        for (int32_t j = 0; j < each; j++) {
          int32_t bucket = 0; /* the codec writes the bits of a bucket lowest first, from the byte's highest bit down */
          for (int32_t b = 0; b < nbits; b++) bucket |= (value >> (7 - j * nbits - b) & 1) << b;
          sum += *(const vec *)(query + ((int64_t)v * dim + byte * each + j) * LANES) * weights[bucket];
        }
        *(vec *)(lut + v * LANES) = sum;
      }
    }
  }
}

/* sum = a row of the table, and what each byte of a residual adds to it */
static inline __attribute__((always_inline)) void add_residual(const float *row, const float *lut, const uint8_t *residual,
                                                               int32_t residual_bytes, int32_t stride, float *sum) {
  if (stride == 2 * LANES) { /* the common case stays in registers */
    vec a = *(const vec *)row, b = *(const vec *)(row + LANES), c = {0}, d = {0};
    int32_t byte = 0;
    for (; byte + 2 <= residual_bytes; byte += 2) {
      const float *x = lut + ((int64_t)byte * 256 + residual[byte]) * stride;
      const float *y = lut + ((int64_t)(byte + 1) * 256 + residual[byte + 1]) * stride;
      a += *(const vec *)x, b += *(const vec *)(x + LANES);
      c += *(const vec *)y, d += *(const vec *)(y + LANES);
    }
    if (byte < residual_bytes) {
      const float *x = lut + ((int64_t)byte * 256 + residual[byte]) * stride;
      a += *(const vec *)x, b += *(const vec *)(x + LANES);
    }
    *(vec *)sum = a + c;
    *(vec *)(sum + LANES) = b + d;
    return;
  }
  memcpy(sum, row, (size_t)stride * 4);
  for (int32_t byte = 0; byte < residual_bytes; byte++)
    for (int32_t q = 0; q < stride; q += LANES)
      *(vec *)(sum + q) += *(const vec *)(lut + ((int64_t)byte * 256 + residual[byte]) * stride + q);
}

/* scratch: float32 [2 * stride] */
void residual_scores(const float *table, int32_t stride, int32_t columns, const float *lut, int32_t residual_bytes,
                     const uint8_t *codes, int32_t code_bytes, const uint8_t *residuals, const uint8_t *norms,
                     const float *norm_values, const double *starts, const int32_t *lengths, int32_t count, float *scratch,
                     float *out) {
  float *best = scratch, *sum = scratch + stride;
  int32_t span[2] = {0, columns};
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i];
    fill(best, stride, -INFINITY);
    for (int32_t t = 0; t < lengths[i]; t++, token++) {
      const float *row = table + (int64_t)code_at(codes, code_bytes, token) * stride;
      float norm = norm_values[norms[token]];
      add_residual(row, lut, residuals + token * residual_bytes, residual_bytes, stride, sum);
      for (int32_t q = 0; q < stride; q += LANES) *(vec *)(best + q) = larger(*(vec *)(sum + q) * norm, *(vec *)(best + q));
    }
    if (lengths[i] == 0) out[i] = -INFINITY;
    else sum_queries(best, span, 1, out + i);
  }
}

static inline uint64_t bits_at(const uint8_t *bytes, uint64_t bit) {
  uint64_t word;
  memcpy(&word, bytes + (bit >> 3), 8); /* lists end with 8 bytes to spare */
  return word >> (bit & 7);
}

/* What a list tells that goes on beyond its end: more than any place or number. */
#define CUT_OFF (UINT64_C(1) << 62)

/*
 * Reads a distance in Rice's code, and moves on behind it. Nothing beyond the list's `end` bits counts, since the list may be anybody's; of
 * the bytes behind the end at most eight are loaded. rice: at most 31
 */
static inline uint64_t read_distance(const uint8_t *list, uint32_t rice, uint64_t *bit, uint64_t end) {
  uint64_t word = bits_at(list, *bit), high = 0;
  for (; (word & 0xffffffff) == 0; word = bits_at(list, *bit)) {
    high += 32, *bit += 32;
    if (*bit > end) return CUT_OFF;
  }
  uint32_t zeros = (uint32_t)__builtin_ctzll(word);
  *bit += zeros + 1;
  word >>= zeros + 1;
  if (rice > 25) { /* 57 bits of a word are the list's, of which 32 may be gone */
    if (*bit > end) return CUT_OFF;
    word = bits_at(list, *bit);
  }
  *bit += rice;
  if (*bit > end) return CUT_OFF;
  return ((high + zeros) << rice) + (word & ((UINT64_C(1) << rice) - 1));
}

/* A list of steps, as far as it was read. */
typedef struct {
  const uint8_t *list;
  uint64_t bit, end, place;
} step_list;

/* Which of the two rows of `steps` the next step adds; moves on to the one after it. `first`: place of the token's first dimension */
static inline uint64_t next_step(step_list *from, uint32_t rice, uint64_t first) {
  uint64_t row = (from->place - first) * 2 + (from->list[from->bit >> 3] >> (from->bit & 7) & 1);
  from->bit++;
  from->place += read_distance(from->list, rice, &from->bit, from->end);
  return row;
}

/* scratch: float32 [2 * stride] */
void step_scores(const float *table, int32_t stride, int32_t columns, const float *steps, int32_t dim, int32_t rice,
                 const uint8_t *codes, int32_t code_bytes, const uint8_t *residuals, const double *residual_starts,
                 const double *residual_ends, const uint8_t *norms, const float *norm_values, const double *starts,
                 const int32_t *lengths, int32_t count, float *scratch, float *out) {
  float *best = scratch, *sum = scratch + stride;
  int32_t span[2] = {0, columns};
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i];
    uint64_t first = 0;
    step_list list = {residuals + (int64_t)residual_starts[i], 0, (uint64_t)(residual_ends[i] - residual_starts[i]) * 8, 0};
    if (lengths[i] == 0) {
      out[i] = -INFINITY;
      continue;
    }
    list.place = read_distance(list.list, (uint32_t)rice, &list.bit, list.end);
    fill(best, stride, -INFINITY);
    for (int32_t t = 0; t < lengths[i]; t++, token++, first += (uint32_t)dim) {
      const float *row = table + (int64_t)code_at(codes, code_bytes, token) * stride;
      float norm = norm_values[norms[token]];
      if (stride == 2 * LANES) { /* the common case stays in registers */
        vec a = *(const vec *)row, b = *(const vec *)(row + LANES);
        while (list.place < first + (uint32_t)dim) {
          const float *step = steps + next_step(&list, (uint32_t)rice, first) * stride;
          a += *(const vec *)step, b += *(const vec *)(step + LANES);
        }
        *(vec *)best = larger(a * norm, *(vec *)best);
        *(vec *)(best + LANES) = larger(b * norm, *(vec *)(best + LANES));
        continue;
      }
      memcpy(sum, row, (size_t)stride * 4);
      while (list.place < first + (uint32_t)dim) {
        const float *step = steps + next_step(&list, (uint32_t)rice, first) * stride;
        for (int32_t q = 0; q < stride; q += LANES) *(vec *)(sum + q) += *(const vec *)(step + q);
      }
      for (int32_t q = 0; q < stride; q += LANES) *(vec *)(best + q) = larger(*(vec *)(sum + q) * norm, *(vec *)(best + q));
    }
    if (list.place >= CUT_OFF) out[i] = NAN;
    else sum_queries(best, span, 1, out + i);
  }
}

/* Lanes of `yes` where the mask is set, of `no` elsewhere. */
static inline vec pick(mask which, vec yes, vec no) { return (vec)((which & (mask)yes) | (~which & (mask)no)); }

/* values = other, where values are -infinity */
static inline void replace_missing(float *values, const float *other, int32_t columns) {
  for (int32_t q = 0; q < columns; q++) values[q] = values[q] > -INFINITY ? values[q] : other[q];
}

/* A token that some query row probes. */
struct probed_token {
  const float *row; /* of the table */
  const uint8_t *residual;
  int32_t passage;
};

/* Tokens that are collected, and asked for, before their residuals are read. */
#define PROBED 64

/* to = what the bytes of a residual stand for */
static inline __attribute__((always_inline)) void decode(const uint8_t *residual, const float *meaning, const int32_t each,
                                                         int32_t apart, int32_t dim, float *to) {
  for (int32_t d = 0; d < dim; d += each, meaning += apart) memcpy(to + d, meaning + (int64_t)*residual++ * each, (size_t)each * 4);
}

static inline float dot_rows(const float *a, const float *b, int32_t dim) {
  vec even = {0}, odd = {0};
  int32_t d = 0;
  for (; d + 2 * LANES <= dim; d += 2 * LANES) {
    even += *(const vec *)(a + d) * *(const vec *)(b + d);
    odd += *(const vec *)(a + d + LANES) * *(const vec *)(b + d + LANES);
  }
  float sum = 0;
  for (; d < dim; d++) sum += a[d] * b[d];
  return sum + sum_lanes(even + odd);
}

/* Residuals that are decoded before the first of them is read: what was stored in parts is not there at once to be loaded whole. */
#define DECODED 4

/* scratch: float32 [DECODED * dim + 2 * stride] */
void probed_scores(const float *table, int32_t stride, int32_t columns, const int32_t *slots, const float *query, int32_t dim,
                   const float *meaning, int32_t each, int32_t apart, const uint8_t *codes, int32_t code_bytes,
                   const uint8_t *residuals, const float *missing, const double *starts, const int32_t *lengths, int32_t count,
                   float *scratch, float *out) {
  float *best = scratch, *rest = best + 2 * stride;
  int32_t span[2] = {0, columns}, bytes = dim / each, current = -1;
  struct probed_token tokens[PROBED];
  memcpy(best, missing, (size_t)columns * 4);
  float nothing;
  sum_queries(best, span, 1, &nothing);
  for (int32_t i = 0; i < count; i++) out[i] = lengths[i] == 0 ? -INFINITY : nothing;
  int32_t passage = 0, t = 0;
  for (;;) {
    int32_t size = 0;
    for (; passage < count && size < PROBED; passage++, t = 0) {
      int64_t first = (int64_t)starts[passage];
      for (; t < lengths[passage] && size < PROBED; t++) {
        int32_t slot = slots[code_at(codes, code_bytes, first + t)];
        if (slot < 0) continue;
        const uint8_t *residual = residuals + (first + t) * bytes;
        __builtin_prefetch(residual);
        tokens[size++] = (struct probed_token){table + (int64_t)slot * stride, residual, passage};
      }
      if (t < lengths[passage]) break;
    }
    for (int32_t i = 0; i < size; i++) {
      const float *own = rest + (int64_t)(i % DECODED) * dim;
      if (i % DECODED == 0) {
        for (int32_t j = i; j < i + DECODED && j < size; j++) {
          const uint8_t *residual = tokens[j].residual;
          float *to = rest + (int64_t)(j - i) * dim;
          switch (each) { /* constants, so that copies are single moves */
            case 1: decode(residual, meaning, 1, apart, dim, to); break;
            case 2: decode(residual, meaning, 2, apart, dim, to); break;
            case 4: decode(residual, meaning, 4, apart, dim, to); break;
            case 8: decode(residual, meaning, 8, apart, dim, to); break;
            default: decode(residual, meaning, each, apart, dim, to);
          }
        }
      }
      if (tokens[i].passage != current) {
        if (current >= 0) replace_missing(best, missing, columns), sum_queries(best, span, 1, out + current);
        current = tokens[i].passage;
        fill(best, stride, -INFINITY);
      }
      for (int32_t q = 0; q < columns; q += LANES) {
        uint32_t probing = larger_lanes(*(const vec *)(tokens[i].row + q), (vec){0} - INFINITY);
        for (; probing; probing &= probing - 1) {
          int32_t row = q + __builtin_ctz(probing);
          if (row >= columns) break;
          float value = tokens[i].row[row] + dot_rows(query + (int64_t)row * dim, own, dim);
          if (value > best[row]) best[row] = value;
        }
      }
    }
    if (passage >= count) break;
  }
  if (current >= 0) replace_missing(best, missing, columns), sum_queries(best, span, 1, out + current);
}

void close_bits(const float *table, int32_t count, int32_t stride, int32_t columns, float threshold, uint32_t *out) {
  int32_t words = (columns + 31) / 32;
  vec least = (vec){0} + threshold;
  memset(out, 0, (size_t)count * words * 4);
  for (int64_t i = 0; i < count; i++, table += stride, out += words) {
    for (int32_t q = 0; q < columns; q += LANES) out[q / 32] |= larger_lanes(*(const vec *)(table + q), least) << q % 32;
    if (columns % 32) out[words - 1] &= (1u << columns % 32) - 1; /* the places after the last row are no rows */
  }
}

void bit_scores(const uint32_t *bits, int32_t words, const uint8_t *codes, int32_t code_bytes, const double *starts,
                const int32_t *lengths, int32_t count, float *out) {
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i];
    int32_t set = 0;
    for (int32_t word = 0; word < words; word++) {
      uint32_t any = 0;
      for (int32_t t = 0; t < lengths[i]; t++) any |= bits[(int64_t)code_at(codes, code_bytes, token + t) * words + word];
      set += __builtin_popcount(any);
    }
    out[i] = (float)set;
  }
}

/* scratch: float32 [3 * stride] */
void close_scores(const float *table, int32_t stride, int32_t columns, float threshold, const float *lut, int32_t residual_bytes,
                  const uint8_t *codes, int32_t code_bytes, const uint8_t *residuals, const double *starts,
                  const int32_t *lengths, int32_t count, float *scratch, float *out) {
  float *best = scratch, *sum = best + stride, *all = sum + stride;
  int32_t span[2] = {0, columns};
  vec least = (vec){0} + threshold;
  for (int32_t i = 0; i < count; i++) {
    int64_t first = (int64_t)starts[i];
    fill(best, stride, -INFINITY);
    centroid_best(table, stride, NULL, codes, code_bytes, first, lengths[i], -INFINITY, best);
    int32_t unmet = 0; /* rows to which no token is close: they need all tokens */
    for (int32_t q = 0; q < columns; q++) unmet |= best[q] <= threshold;
    fill(best, stride, -INFINITY);
    fill(all, stride, -INFINITY);
    for (int64_t token = first; token < first + lengths[i]; token++) {
      const float *row = table + (int64_t)code_at(codes, code_bytes, token) * stride;
      uint32_t close = unmet;
      for (int32_t q = 0; q < stride && !close; q += LANES) close |= larger_lanes(*(const vec *)(row + q), least);
      if (!close) continue;
      add_residual(row, lut, residuals + token * residual_bytes, residual_bytes, stride, sum);
      for (int32_t q = 0; q < stride; q += LANES) {
        vec value = *(vec *)(sum + q), kept = pick(*(const vec *)(row + q) > least, value, (vec){0} - INFINITY);
        *(vec *)(all + q) = larger(value, *(vec *)(all + q));
        *(vec *)(best + q) = larger(kept, *(vec *)(best + q));
      }
    }
    replace_missing(best, all, columns);
    if (lengths[i] == 0) out[i] = -INFINITY;
    else sum_queries(best, span, 1, out + i);
  }
}

/* A block of tokens' residuals in bytes, and what belongs to them. */
struct byte_block {
  const float *rows[16]; /* of the table */
  float norms[16];
};

/* Writes what a packed residual means, byte by byte. */
static inline void unpack_levels(const uint8_t *residual, int32_t bytes, const uint8_t *levels, int32_t each, uint8_t *to) {
#if defined(__AVX512VBMI__)
  if (each == 1) { /* 256 entries in four registers */
    __m512i a = _mm512_loadu_si512(levels), b = _mm512_loadu_si512(levels + 64), c = _mm512_loadu_si512(levels + 128),
            d = _mm512_loadu_si512(levels + 192);
    int32_t i = 0;
    for (; i + 64 <= bytes; i += 64) {
      __m512i which = _mm512_loadu_si512(residual + i);
      __m512i low = _mm512_permutex2var_epi8(a, which, b), high = _mm512_permutex2var_epi8(c, which, d);
      _mm512_storeu_si512(to + i, _mm512_mask_blend_epi8(_mm512_movepi8_mask(which), low, high));
    }
    for (; i < bytes; i++) to[i] = levels[residual[i]];
    return;
  }
#endif
  int32_t i = 0;
#if defined(__AVX2__)
  if (each == 2) { /* levels[16 * x] begins with x's own, levels[x] ends with it, for x < 16 */
    uint8_t nibbles[16];
    for (int x = 0; x < 16; x++) nibbles[x] = levels[2 * x + 1];
    __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)nibbles));
    for (; i + 16 <= bytes; i += 16) {
      __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(residual + i)));
      __m256i first = _mm256_srli_epi16(wide, 4), second = _mm256_slli_epi16(_mm256_and_si256(wide, _mm256_set1_epi16(15)), 8);
      _mm256_storeu_si256((__m256i *)(to + 2 * i), _mm256_shuffle_epi8(table, _mm256_or_si256(first, second)));
    }
  }
#endif
#if defined(__AVX512BW__)
  if (each == 4) { /* byte x << 6 begins with what x, the highest two bits, mean */
    uint8_t pairs[16] = {levels[0], levels[4 * 64], levels[4 * 128], levels[4 * 192]};
    __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)pairs)), low = _mm512_set1_epi32(3);
    for (; i + 16 <= bytes; i += 16) {
      __m512i x = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(residual + i)));
      __m512i first = _mm512_or_si512(_mm512_srli_epi32(x, 6), _mm512_slli_epi32(_mm512_and_si512(_mm512_srli_epi32(x, 4), low), 8));
      __m512i second = _mm512_or_si512(_mm512_slli_epi32(_mm512_and_si512(_mm512_srli_epi32(x, 2), low), 16),
                                       _mm512_slli_epi32(_mm512_and_si512(x, low), 24));
      _mm512_storeu_si512(to + 4 * i, _mm512_shuffle_epi8(table, _mm512_or_si512(first, second)));
    }
  }
  if (each == 8) {
    __m512i zero = _mm512_set1_epi8((char)levels[0]), one = _mm512_set1_epi8((char)levels[8 * 255]);
    for (; i + 8 <= bytes; i += 8) {
      uint64_t x; /* bits of each byte turned round: dimensions begin at the highest */
      memcpy(&x, residual + i, 8);
      x = (x >> 4 & 0x0f0f0f0f0f0f0f0f) | (x & 0x0f0f0f0f0f0f0f0f) << 4;
      x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
      x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
      _mm512_storeu_si512(to + 8 * i, _mm512_mask_blend_epi8(x, zero, one));
    }
  }
#endif
  switch (each) {
    case 1: for (; i < bytes; i++) to[i] = levels[residual[i]]; break;
    case 2: for (; i < bytes; i++) memcpy(to + 2 * i, levels + 2 * residual[i], 2); break;
    case 4: for (; i < bytes; i++) memcpy(to + 4 * i, levels + 4 * residual[i], 4); break;
    default: for (; i < bytes; i++) memcpy(to + 8 * i, levels + 8 * residual[i], 8);
  }
}

/* The largest of `best` and the scores of a block of 16 tokens at most, from products with their residuals. */
static inline void keep_products(const int32_t *products, int32_t vectors, int32_t count, const int32_t *offsets,
                                 const float *factors, const struct byte_block *block, int32_t at, float *best) {
  for (int32_t v = 0; v < vectors; v++) {
    vec top = *(vec *)(best + v * LANES), factor = *(const vec *)(factors + v * LANES);
    ivec offset = OFFSETS ? *(const ivec *)(offsets + v * LANES) : (ivec){0};
    for (int32_t r = 0; r < count; r++) {
      ivec sum = *(const ivec *)(products + ((int64_t)v * 16 + r) * LANES) + offset;
      vec centre = *(const vec *)(block->rows[r] + at + v * LANES);
      top = larger((centre + __builtin_convertvector(sum, vec) * factor) * block->norms[r], top);
    }
    *(vec *)(best + v * LANES) = top;
  }
}

/* scratch: float32 [16 * width / 4 + stride] and room for tiles' products (512 floats) */
void residual_scores_i8(const float *table, int32_t stride, int32_t columns, const int8_t *query, int32_t dim, int32_t width,
                        const int32_t *offsets, const float *factors, const uint8_t *levels, int32_t nbits,
                        const uint8_t *codes, int32_t code_bytes, const uint8_t *residuals, const uint8_t *norms,
                        const float *norm_values, const double *starts, const int32_t *lengths, int32_t count,
                        float *scratch, float *out) {
  int32_t each = 8 / nbits, residual_bytes = dim / each, vectors = stride / LANES, span[2] = {0, columns};
  int32_t *products = (int32_t *)scratch;
  float *best = scratch + 512;
  uint8_t *rows = (uint8_t *)(best + stride);
  int tiles = open_tiles(width);
  int32_t most = ROWS_I8(tiles);
  memset(rows, 128, (size_t)(16 * width));
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i], end = token + lengths[i];
    fill(best, stride, -INFINITY);
    if (i + 1 < count) __builtin_prefetch(residuals + (int64_t)starts[i + 1] * residual_bytes);
    while (token < end) {
      struct byte_block block;
      int32_t size = end - token < most ? (int32_t)(end - token) : most;
      for (int32_t r = 0; r < size; r++, token++) {
        block.rows[r] = table + (int64_t)code_at(codes, code_bytes, token) * stride;
        for (int32_t q = 0; q < stride; q += 16) __builtin_prefetch(block.rows[r] + q);
        block.norms[r] = norm_values[norms[token]];
        unpack_levels(residuals + token * residual_bytes, residual_bytes, levels, each, rows + (int64_t)r * width);
      }
      for (int32_t v = 0; v < vectors; v += 2) {
        int32_t pair = vectors - v < 2 ? 1 : 2, at = v * LANES;
        multiply_rows_i8(tiles, query + (int64_t)v * width * LANES, pair, width, rows, size, products);
        keep_products(products, pair, size, offsets + at, factors + at, &block, at, best + at);
      }
    }
    if (lengths[i] == 0) out[i] = -INFINITY;
    else sum_queries(best, span, 1, out + i);
  }
  close_tiles(tiles);
}

/*
 * to = centroid + the weights of the residual's buckets, made unit length. `numbers` are the buckets of each byte, `weights` 256 of
 * them (for fewer bits the first ones count); `room` holds the buckets of a row.
 */
static inline void decompress(const void *centroids, int32_t half, int64_t code, const uint8_t *residual, const uint8_t *numbers,
                              const float *weights, int32_t each, int32_t dim, uint8_t *room, float *to) {
  if (half) widen((const uint16_t *)centroids + code * dim, to, dim);
  else memcpy(to, (const float *)centroids + code * dim, (size_t)dim * 4);
  unpack_levels(residual, dim / each, numbers, each, room);
  int32_t d = 0;
  vec squares = {0};
#if defined(__AVX512F__)
  __m512 first = _mm512_loadu_ps(weights);
  for (; d + 16 <= dim; d += 16) {
    __m512i which = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(room + d)));
    __m512 weight = each == 1 ? _mm512_i32gather_ps(which, weights, 4) : _mm512_permutexvar_ps(which, first);
    vec value = *(vec *)(to + d) + (vec)weight;
    *(vec *)(to + d) = value;
    squares += value * value;
  }
#endif
  float sum = 0;
  for (int lane = 0; lane < LANES; lane++) sum += squares[lane];
  for (; d < dim; d++) {
    to[d] += weights[room[d]];
    sum += to[d] * to[d];
  }
  float factor = sum > 0 ? 1 / sqrtf(sum) : 0;
  for (d = 0; d < dim; d++) to[d] *= factor;
}

/* scratch: float32 [BLOCK * dim + dim / 4 + stride + 784] */
void decompressed_scores(const float *query, int32_t vectors, int32_t dim, int32_t columns, const void *centroids, int32_t half,
                         const float *byte_weights, int32_t nbits, const uint8_t *keep, const uint8_t *codes, int32_t code_bytes,
                         const uint8_t *residuals, const double *starts, const int32_t *lengths, int32_t count,
                         float *scratch, float *out) {
  int32_t each = 8 / nbits, bytes = dim / each, span[2] = {0, columns};
  float *best = scratch + (int64_t)BLOCK * dim, *weights = best + vectors * LANES;
  uint8_t *numbers = (uint8_t *)(weights + 256), *room = numbers + 2048;
  fill(weights, 256, 0);
  for (int32_t i = 0; i < 256 * each; i++) {
    int32_t bucket = 0;
    for (int32_t b = 0; b < nbits; b++) bucket |= (i / each >> (7 - i % each * nbits - b) & 1) << b;
    numbers[i] = (uint8_t)bucket;
    weights[bucket] = byte_weights[i];
  }
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i], end = token + lengths[i];
    int32_t any = 0;
    fill(best, vectors * LANES, -INFINITY);
    while (token < end) {
      int32_t size = 0;
      for (; token < end && size < BLOCK; token++) {
        uint32_t code = code_at(codes, code_bytes, token);
        if (keep && !keep[code]) continue;
        float *to = scratch + (int64_t)size++ * dim;
        const uint8_t *residual = residuals + token * bytes;
        switch (each) { /* constants, so that the loops unroll */
          case 1: decompress(centroids, half, code, residual, numbers, weights, 1, dim, room, to); break;
          case 2: decompress(centroids, half, code, residual, numbers, weights, 2, dim, room, to); break;
          case 4: decompress(centroids, half, code, residual, numbers, weights, 4, dim, room, to); break;
          default: decompress(centroids, half, code, residual, numbers, weights, 8, dim, room, to);
        }
      }
      if (size == 0) break;
      any = 1;
      keep_largest_rows(query, vectors, dim, scratch, size, (const char *)scratch, best);
    }
    if (!any) out[i] = -INFINITY;
    else sum_queries(best, span, 1, out + i);
  }
}

/* scratch: float32 [2 * dim] */
void encode_residuals(const void *rows, int32_t half, int32_t dim, const float *centroids, const int32_t *names,
                      const float *cutoffs, const float *weights, int32_t nbits, int32_t count, float *scratch, uint8_t *out,
                      float *factors) {
  int32_t buckets = 1 << nbits, bytes = dim * nbits / 8;
  float *rest = scratch, *which = scratch + dim;
  memset(out, 0, (size_t)((int64_t)count * bytes));
  for (int64_t i = 0; i < count; i++, out += bytes) {
    const float *centre = centroids + (int64_t)names[i] * dim;
    const float *row = floats(rows, half, i, 1, dim, rest);
    for (int32_t d = 0; d < dim; d++) rest[d] = row[d] - centre[d], which[d] = 0;
    for (int32_t c = 0; c + 1 < buckets; c++) {
      float cutoff = cutoffs[c];
      for (int32_t d = 0; d < dim; d++) which[d] += cutoff < rest[d] ? 1.0f : 0.0f;
    }
    double squares = 0;
    for (int32_t d = 0; d < dim; d++) {
      int32_t bucket = (int32_t)which[d];
      float value = centre[d] + weights[bucket];
      squares += (double)value * value;
      for (int32_t bit = 0; bit < nbits; bit++) { /* lowest first, from the byte's highest bit down */
        int32_t place = d * nbits + bit;
        out[place >> 3] |= (uint8_t)((bucket >> bit & 1) << (7 - (place & 7)));
      }
    }
    factors[i] = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
  }
}

void largest(const float *table, int32_t count, int32_t stride, int32_t columns, float *out) {
  for (int32_t i = 0; i < count; i++, table += stride) {
    float top = -INFINITY;
    int32_t q = 0;
    if (columns >= LANES) {
      vec tops = *(const vec *)table;
      for (q = LANES; q + LANES <= columns; q += LANES) tops = larger(*(const vec *)(table + q), tops);
      top = largest_lane(tops);
    }
    for (; q < columns; q++) top = table[q] > top ? table[q] : top;
    out[i] = top;
  }
}

void table_bytes(const float *table, int32_t count, int32_t stride, int32_t columns, const uint8_t *keep, float least,
                 float step, uint8_t *out) {
  float factor = 1 / step;
  for (int32_t i = 0; i < count; i++, table += stride, out += stride) {
    if (keep && !keep[i]) {
      memset(out, 0, (size_t)stride);
      continue;
    }
#if defined(__AVX512F__)
    for (int32_t q = 0; q < stride; q += 16) { /* conversion rounds to the nearest, and narrowing holds within 0 and 255 */
      __m512 level = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(table + q), _mm512_set1_ps(least)), _mm512_set1_ps(factor));
      __m512i whole = _mm512_cvtps_epi32(_mm512_max_ps(level, _mm512_setzero_ps()));
      _mm_storeu_si128((__m128i *)(out + q), _mm512_cvtusepi32_epi8(whole));
    }
#else
    for (int32_t q = 0; q < stride; q++) {
      float level = rintf((table[q] - least) * factor);
      level = level < 0 ? 0 : level;
      level = level > 255 ? 255 : level;
      out[q] = (uint8_t)(int32_t)level;
    }
#endif
    memset(out + columns, 0, (size_t)(stride - columns));
  }
}

typedef uint8_t bytes32 __attribute__((vector_size(32), aligned(1)));

static inline bytes32 larger_bytes(bytes32 a, bytes32 b) {
#if defined(__AVX2__)
  return (bytes32)_mm256_max_epu8((__m256i)a, (__m256i)b);
#else
  bytes32 take = (bytes32)(a > b);
  return (a & take) | (b & ~take);
#endif
}

static inline __attribute__((always_inline)) int32_t byte_best(const uint8_t *table, int32_t stride, const uint8_t *codes,
                                                               const int32_t bytes, int64_t token, int32_t length, uint8_t *best) {
  int32_t sum = 0, q = 0;
  for (; q + 32 <= stride; q += 32) {
    bytes32 a = {0}, b = {0};
    int32_t t = 0;
    for (; t + 2 <= length; t += 2) {
      a = larger_bytes(*(const bytes32 *)(table + (int64_t)code_at(codes, bytes, token + t) * stride + q), a);
      b = larger_bytes(*(const bytes32 *)(table + (int64_t)code_at(codes, bytes, token + t + 1) * stride + q), b);
    }
    if (t < length) a = larger_bytes(*(const bytes32 *)(table + (int64_t)code_at(codes, bytes, token + t) * stride + q), a);
    *(bytes32 *)best = larger_bytes(a, b);
    for (int i = 0; i < 32; i++) sum += best[i];
  }
  if (q == stride) return sum;
  memset(best, 0, 32);
  for (int32_t t = 0; t < length; t++) {
    const uint8_t *row = table + (int64_t)code_at(codes, bytes, token + t) * stride + q;
    for (int32_t i = 0; i < stride - q; i++) best[i] = row[i] > best[i] ? row[i] : best[i];
  }
  for (int32_t i = 0; i < stride - q; i++) sum += best[i];
  return sum;
}

/* scratch: 32 bytes */
void centroid_scores_i8(const uint8_t *table, int32_t stride, const uint8_t *codes, int32_t code_bytes, const double *starts,
                        const int32_t *lengths, int32_t count, float *scratch, float *out) {
  uint8_t *best = (uint8_t *)scratch;
  for (int32_t i = 0; i < count; i++) {
    int64_t token = (int64_t)starts[i];
    int32_t sum;
    if (i + 8 < count) __builtin_prefetch(codes + (int64_t)starts[i + 8] * code_bytes);
    switch (code_bytes) {
      case 1: sum = byte_best(table, stride, codes, 1, token, lengths[i], best); break;
      case 2: sum = byte_best(table, stride, codes, 2, token, lengths[i], best); break;
      case 3: sum = byte_best(table, stride, codes, 3, token, lengths[i], best); break;
      default: sum = byte_best(table, stride, codes, 4, token, lengths[i], best);
    }
    out[i] = (float)sum;
  }
}

void mark_lists(const uint8_t *lists, const double *starts, const double *ends, int32_t count, int32_t limit, int32_t words,
                uint32_t *out, int32_t *broken) {
  memset(out, 0, 4 * (size_t)words);
  *broken = 0;
  for (int32_t i = 0; i < count; i++) {
    const uint8_t *list = lists + (int64_t)starts[i], *last = lists + (int64_t)ends[i];
    uint32_t r = list < last ? *list++ : 32;
    uint64_t left = 0;
    int more = 1;
    for (uint32_t shift = 0; more && shift < 35 && list < last; shift += 7) {
      left |= (uint64_t)(*list & 127) << shift;
      more = *list++ >= 128;
    }
    if (r > 31 || more) {
      *broken = i + 1;
      continue;
    }
    uint64_t end = (uint64_t)(last - list) * 8, bit = 0;
    for (uint64_t number = 0; left > 0; left--, number++) {
      number += read_distance(list, r, &bit, end);
      if (number >= (uint64_t)limit) { /* nothing is ever written beyond */
        *broken = i + 1;
        break;
      }
      out[number >> 5] |= 1u << (number & 31);
    }
  }
}

/* ---- what a file holds ---- */

static inline __attribute__((always_inline)) uint32_t largest_of(const uint8_t *codes, const int32_t bytes, int64_t count) {
  uint32_t most = 0;
  for (int64_t i = 0; i < count; i++) {
    uint32_t code = code_at(codes, bytes, i);
    most = code > most ? code : most;
  }
  return most;
}

/* The largest of two bytes each, which is the common case, as wide as vectors are. */
static uint16_t largest_of_two_bytes(const uint8_t *codes, int64_t count) {
  uint16_t most = 0;
  for (int64_t i = 0; i < count; i++) {
    uint16_t code;
    memcpy(&code, codes + 2 * i, 2);
    most = code > most ? code : most;
  }
  return most;
}

void largest_code(const uint8_t *codes, int32_t code_bytes, int32_t count, uint32_t *out) {
  switch (code_bytes) {
    case 1: *out = largest_of(codes, 1, count); break;
    case 2: *out = largest_of_two_bytes(codes, count); break;
    case 3: *out = largest_of(codes, 3, count); break;
    default: *out = largest_of(codes, 4, count);
  }
}

/* The largest magnitude, infinity for a NaN; bits without the sign are in the order of magnitudes, with those of NaNs last. */
void largest_value(const void *values, int32_t half, int32_t count, float *out) {
  if (half) {
    uint16_t top = 0;
    for (int32_t i = 0; i < count; i++) {
      uint16_t bits = ((const uint16_t *)values)[i] & 0x7fff;
      top = bits > top ? bits : top;
    }
    *out = top >= 0x7c00 ? INFINITY : widen_one(top);
    return;
  }
  uint32_t top = 0;
  for (int32_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, (const float *)values + i, 4);
    bits &= 0x7fffffff;
    top = bits > top ? bits : top;
  }
  if (top >= 0x7f800000) *out = INFINITY;
  else memcpy(out, &top, 4);
}

/* ---- k-means ---- */

/* out: float32 [ceil(count / LANES), dim, LANES]; the places after the last row hold the first row again */
void block_rows(const void *rows, int32_t half, int32_t dim, const int32_t *numbers, int32_t count, float *scratch, float *out) {
  for (int32_t i = 0; i < (count + LANES - 1) / LANES * LANES; i++) {
    const float *row = floats(rows, half, numbers[i < count ? i : 0], 1, dim, scratch);
    float *to = out + (int64_t)(i / LANES) * dim * LANES + i % LANES;
    for (int32_t d = 0; d < dim; d++) to[(int64_t)d * LANES] = row[d];
  }
}

static inline __attribute__((always_inline)) void keep_nearest(const int vectors, const int count, const float *centroids,
                                                               int32_t dim, const float *rows, int32_t first, float *best,
                                                               int32_t *which) {
  vec sums[2][BLOCK];
  multiply(centroids, dim, rows, vectors, count, sums, (const char *)rows);
  for (int v = 0; v < vectors; v++) {
    for (int r = 0; r < count; r++) {
      vec *top = (vec *)(best + r * LANES);
      ivec *at = (ivec *)(which + r * LANES);
      mask take = sums[v][r] > *top;
      *top = larger(sums[v][r], *top);
      *at = (((ivec){0} + first + v) & take) | (*at & ~take);
    }
  }
}

#define TILE 16 /* vectors of centroids that stay in the cache while a group of rows passes */
#define GROUP 64 /* rows a group, a multiple of BLOCK where that is 8; else nearly */

/*
 * centroids  block_rows() of `count` centroids; names: their numbers, or null for 0, 1, …
 * numbers    which rows, or null for the first `rows_count`
 * scratch    float32, GROUP * (dim + 2 * LANES)
 */
void nearest(const float *centroids, const int32_t *names, int32_t count, int32_t dim, const void *rows, int32_t half,
             const int32_t *numbers, int32_t rows_count, float *scratch, int32_t *out, float *scores) {
  int32_t vectors = (count + LANES - 1) / LANES;
  float *best = scratch + (int64_t)GROUP * dim;
  int32_t *which = (int32_t *)(best + GROUP * LANES);
  for (int32_t from = 0; from < rows_count; from += GROUP) {
    int32_t group = rows_count - from < GROUP ? rows_count - from : GROUP;
    for (int32_t r = 0; r < group; r++) {
      int64_t row = numbers ? numbers[from + r] : from + r;
      if (half) widen((const uint16_t *)rows + row * dim, scratch + (int64_t)r * dim, dim);
      else memcpy(scratch + (int64_t)r * dim, (const float *)rows + row * dim, (size_t)dim * 4);
    }
    fill(best, group * LANES, -INFINITY);
    memset(which, 0, (size_t)group * LANES * 4);
    for (int32_t tile = 0; tile < vectors; tile += TILE) {
      int32_t end = tile + TILE < vectors ? tile + TILE : vectors;
      for (int32_t r = 0, block; r < group; r += block) {
        block = group - r < BLOCK ? 1 : BLOCK;
        const float *wide = scratch + (int64_t)r * dim;
        int32_t v = tile;
        for (; v + 2 <= end; v += 2)
          WITH_BLOCK(keep_nearest, 2, block, centroids + (int64_t)v * dim * LANES, dim, wide, v, best + r * LANES, which + r * LANES)
        if (v < end)
          WITH_BLOCK(keep_nearest, 1, block, centroids + (int64_t)v * dim * LANES, dim, wide, v, best + r * LANES, which + r * LANES)
      }
    }
    for (int32_t r = 0; r < group; r++) {
      float top = -INFINITY;
      int32_t at = 0;
      for (int32_t lane = 0; lane < LANES; lane++) { /* of equal ones the first in the list */
        float score = best[r * LANES + lane];
        int32_t place = which[r * LANES + lane] * LANES + lane;
        if (place >= count) place = 0;
        if (score > top || (score == top && place < at)) top = score, at = place;
      }
      out[from + r] = names ? names[at] : at;
      if (scores) scores[from + r] = top;
    }
  }
}

/* out: float32 [lists, dim]; list i has the rows numbers[offsets[i] .. offsets[i + 1]) */
void sum_lists(const void *rows, int32_t half, int32_t dim, const int32_t *numbers, const int32_t *offsets, int32_t lists,
               float *scratch, float *out) {
  for (int32_t i = 0; i < lists; i++, out += dim) {
    fill(out, dim, 0);
    for (int32_t at = offsets[i]; at < offsets[i + 1]; at++) {
      const float *row = floats(rows, half, numbers[at], 1, dim, scratch);
      for (int32_t d = 0; d < dim; d++) out[d] += row[d];
    }
  }
}

/* ---- product quantisation ---- */

/* Vectors whose tables are made together: each entry is then loaded once for all of them. */
#define ABREAST 4

/*
 * Squared distances of one part of ABREAST vectors (or of one) to all entries: float32 [ksub] each, `stride` apart;
 * entries: float32 [dsub, ksub]
 */
static inline __attribute__((always_inline)) void part_distances(const float *parts, int64_t width, const float *entries,
                                                                 int32_t ksub, int32_t dsub, float *out, int64_t stride,
                                                                 int vectors) {
  int32_t c = 0;
  for (; c + 2 * LANES <= ksub; c += 2 * LANES) {
    vec sums[2 * ABREAST] = {{0}};
    for (int32_t d = 0; d < dsub; d++) {
      const vec *entry = (const vec *)(entries + (int64_t)d * ksub + c);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; v++)
#pragma GCC unroll 2
        for (int i = 0; i < 2; i++) {
          vec difference = parts[v * width + d] - entry[i];
          sums[2 * v + i] += difference * difference;
        }
    }
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++)
      for (int i = 0; i < 2; i++) *(vec *)(out + v * stride + c + i * LANES) = sums[2 * v + i];
  }
  for (; c < ksub; c++)
    for (int v = 0; v < vectors; v++) {
      float sum = 0;
      for (int32_t d = 0; d < dsub; d++) {
        float difference = parts[v * width + d] - entries[(int64_t)d * ksub + c];
        sum += difference * difference;
      }
      out[v * stride + c] = sum;
    }
}

/* tables: float32 [m, ksub] squared distances; entries: float32 [m, dsub, ksub] */
void pq_tables(const float *query, const float *entries, int32_t m, int32_t ksub, int32_t dsub, float *tables) {
  for (int32_t j = 0; j < m; j++)
    part_distances(query + j * dsub, 0, entries + (int64_t)j * dsub * ksub, ksub, dsub, tables + j * ksub, 0, 1);
}

/* Sixteen tables of 256: codes come by two loads, since the entries' loads are what takes the time. */
static void scan_16(const float *tables, const uint8_t *codes, int32_t count, float base, float *out) {
  for (int32_t i = 0; i < count; i++, codes += 16) {
    uint64_t halves[2];
    memcpy(halves, codes, 16);
    float sum = base;
#pragma GCC unroll 16
    for (int j = 0; j < 16; j++) sum += tables[j * 256 + (halves[j / 8] >> j % 8 * 8 & 255)];
    out[i] = sum;
  }
}

/* codes: uint8 [count, m]; out[i] = base + the sum of its table entries */
void pq_scan(const float *tables, int32_t m, int32_t ksub, const uint8_t *codes, int32_t count, float base, float *out) {
  if (m == 16 && ksub == 256) {
    scan_16(tables, codes, count, base, out);
    return;
  }
  for (int32_t i = 0; i < count; i++, codes += m) {
    float sum = base;
    for (int32_t j = 0; j < m; j++) sum += tables[j * ksub + codes[j]];
    out[i] = sum;
  }
}

/* Whether one of LANES values is equal to (is below) some value. */
#if defined(__AVX512F__)
#define ANY(values, relation, value) (_mm512_cmp_ps_mask(_mm512_loadu_ps(values), _mm512_set1_ps(value), relation) != 0)
#elif defined(__AVX2__)
#define ANY(values, relation, value) \
  (_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(values), _mm256_set1_ps(value), relation)) != 0)
#else
#define ANY(values, relation, value) 1
#endif
static inline int any_equal(const float *values, float value) { return (void)values, (void)value, ANY(values, _CMP_EQ_OQ, value); }
static inline int any_below(const float *values, float value) { return (void)values, (void)value, ANY(values, _CMP_LT_OQ, value); }

/* The place of the least value, the first of equal ones. */
static inline int32_t place_of_least(const float *values, int32_t count) {
  float least = INFINITY;
  int32_t c = 0;
  if (count >= LANES) {
    vec most = -*(const vec *)values;
    for (c = LANES; c + LANES <= count; c += LANES) most = larger(most, -*(const vec *)(values + c));
    for (int lane = 0; lane < LANES; lane++) least = -most[lane] < least ? -most[lane] : least;
  }
  for (; c < count; c++) least = values[c] < least ? values[c] : least;
  for (c = 0; c + LANES <= count && !any_equal(values + c, least);) c += LANES;
  for (; c + 1 < count && values[c] != least;) c++;
  return c;
}

/* scratch: float32 [dim + ksub] */
void pq_encode(const void *rows, int32_t half, int32_t dim, const float *centroids, const int32_t *names,
               const float *entries, int32_t m, int32_t ksub, int32_t count, float *scratch, uint8_t *out) {
  int32_t dsub = dim / m;
  float *rest = scratch, *distances = rest + dim;
  for (int64_t i = 0; i < count; i++) {
    const float *row = floats(rows, half, i, 1, dim, rest), *centre = centroids + (int64_t)names[i] * dim;
    for (int32_t d = 0; d < dim; d++) rest[d] = row[d] - centre[d];
    for (int32_t j = 0; j < m; j++) {
      part_distances(rest + j * dsub, 0, entries + (int64_t)j * dsub * ksub, ksub, dsub, distances, 0, 1);
      *out++ = (uint8_t)place_of_least(distances, ksub);
    }
  }
}

/* Keeps the k smallest of more values, none of them negative, with their places, in order; histogram: int32 [2048]. */
static void keep_smallest(float *values, int32_t *places, int32_t count, int32_t k, int32_t *histogram) {
  int32_t at = 0, left = k;
  uint32_t limit = 0, known = 0; /* bits of the k-th smallest, and which of them are known: for such floats, order is that of bits */
  const int32_t shifts[] = {21, 10, 0};
  const uint32_t widths[] = {2047, 2047, 1023};
  for (int pass = 0; pass < 3; pass++) {
    memset(histogram, 0, 4 * 2048);
    for (int32_t i = 0; i < count; i++) {
      uint32_t bits;
      memcpy(&bits, values + i, 4);
      if ((bits & known) == limit) histogram[bits >> shifts[pass] & widths[pass]]++;
    }
    uint32_t bucket = 0;
    while (histogram[bucket] < left) left -= histogram[bucket++];
    limit |= bucket << shifts[pass];
    known |= widths[pass] << shifts[pass];
  }
  for (int32_t i = 0; at < k; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, 4);
    values[at] = values[i];
    places[at] = places[i];
    at += bits < limit || (bits == limit && left-- > 0);
  }
}

/* The k nearest codes so far, and room for as many that are nearer than the last of them. */
typedef struct {
  float *values;
  int32_t *places, *histogram;
  int32_t k, found;
  float limit; /* what is not below it is not among the k nearest */
} nearest_codes;

static inline void offer(nearest_codes *near, float distance, int32_t place) {
  near->values[near->found] = distance;
  near->places[near->found] = place;
  near->found += distance < near->limit;
}

/* Makes room again; the limit is known as soon as k were found. */
static inline void make_room(nearest_codes *near) {
  if (near->found < (near->limit < INFINITY ? 2 * near->k : near->k)) return;
  keep_smallest(near->values, near->places, near->found, near->k, near->histogram);
  near->found = near->k;
  near->limit = -INFINITY;
  for (int32_t i = 0; i < near->k; i++) near->limit = near->values[i] > near->limit ? near->values[i] : near->limit;
}

/* Codes whose distances are computed before they are looked at. */
#define PIECE 512

/* All codes of a list, by their exact distances. */
static void scan_all(nearest_codes *near, const float *tables, int32_t m, int32_t ksub, const uint8_t *codes, int32_t size,
                     int32_t first) {
  for (int32_t from = 0; from < size; from += PIECE) {
    float distances[PIECE];
    int32_t count = size - from < PIECE ? size - from : PIECE;
    pq_scan(tables, m, ksub, codes + (int64_t)from * m, count, 0, distances);
    for (int32_t i = 0; i < count;) {
      if (i + LANES <= count && !any_below(distances + i, near->limit)) {
        i += LANES;
        continue;
      }
      for (int32_t until = i + LANES < count ? i + LANES : count; i < until; i++) offer(near, distances[i], first + from + i);
    }
    make_room(near);
  }
}

#if defined(__AVX512VBMI__) && defined(__AVX512BW__)
#define BYTE_TABLES 1
/* Byte w of the codes 4 i to 4 i + 3 (row i holds these four, 16 bytes each), i = 0 … 15, for all w: a transposition. */
static inline void turn(const uint8_t *codes, __m512i turned[16]) {
  static const uint8_t order[64] = {0,  16, 32, 48, 1,  17, 33, 49, 2,  18, 34, 50, 3,  19, 35, 51, 4,  20, 36, 52, 5,  21,
                                    37, 53, 6,  22, 38, 54, 7,  23, 39, 55, 8,  24, 40, 56, 9,  25, 41, 57, 10, 26, 42, 58,
                                    11, 27, 43, 59, 12, 28, 44, 60, 13, 29, 45, 61, 14, 30, 46, 62, 15, 31, 47, 63};
  __m512i places = _mm512_loadu_si512(order), pairs[16], fours[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    __m512i even = _mm512_permutexvar_epi8(places, _mm512_loadu_si512(codes + 64 * i));
    __m512i odd = _mm512_permutexvar_epi8(places, _mm512_loadu_si512(codes + 64 * i + 64));
    pairs[i] = _mm512_unpacklo_epi32(even, odd);
    pairs[i + 1] = _mm512_unpackhi_epi32(even, odd);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
    fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
    fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
    fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
  }
#pragma GCC unroll 4
  for (int w = 0; w < 4; w++) {
    __m512i a = _mm512_shuffle_i32x4(fours[w], fours[4 + w], 0x88), b = _mm512_shuffle_i32x4(fours[8 + w], fours[12 + w], 0x88);
    __m512i c = _mm512_shuffle_i32x4(fours[w], fours[4 + w], 0xdd), d = _mm512_shuffle_i32x4(fours[8 + w], fours[12 + w], 0xdd);
    turned[w] = _mm512_shuffle_i32x4(a, b, 0x88);
    turned[8 + w] = _mm512_shuffle_i32x4(a, b, 0xdd);
    turned[4 + w] = _mm512_shuffle_i32x4(c, d, 0x88);
    turned[12 + w] = _mm512_shuffle_i32x4(c, d, 0xdd);
  }
}

/*
 * The codes of a list that may be nearer than the limit, by their exact distances. Tables of bytes tell which: entries are rounded
 * down in steps of 1/254 of what a code may have above the least distance, so that a code whose bytes add up to more is too far.
 * Tables of 256 bytes lie in four registers, and 64 codes are looked up at once.
 */
static void scan_bytes(nearest_codes *near, const float *tables, const uint8_t *codes, int32_t size, int32_t first) {
  float least[16], base = 0;
  for (int j = 0; j < 16; j++) {
    vec most = -*(const vec *)(tables + 256 * j);
    for (int c = LANES; c < 256; c += LANES) most = larger(most, -*(const vec *)(tables + 256 * j + c));
    least[j] = -_mm512_reduce_max_ps((__m512)most);
    base += least[j];
  }
  if (base >= near->limit) return; /* sums are made in one order, and rounding keeps order: no code is nearer */
  float budget = (near->limit - base) * 1.001f + near->limit * 1e-5f, steps = 254 / budget; /* more than rounding can make */
  uint8_t bytes[16][256] __attribute__((aligned(64)));
  for (int j = 0; j < 16; j++)
    for (int c = 0; c < 256; c += 16) {
      __m512 above = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(tables + 256 * j + c), _mm512_set1_ps(least[j])),
                                   _mm512_set1_ps(steps));
      _mm_store_si128((__m128i *)(bytes[j] + c), _mm512_cvtusepi32_epi8(_mm512_cvttps_epu32(above)));
    }
  int32_t from = 0;
  for (; from + 64 <= size; from += 64) {
    __m512i turned[16], sum = _mm512_setzero_si512();
    turn(codes + 16 * (int64_t)from, turned);
#pragma GCC unroll 16
    for (int j = 0; j < 16; j++) {
      const __m512i *table = (const __m512i *)bytes[j];
      __m512i low = _mm512_permutex2var_epi8(table[0], turned[j], table[1]);
      __m512i high = _mm512_permutex2var_epi8(table[2], turned[j], table[3]);
      sum = _mm512_adds_epu8(sum, _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(turned[j]), high));
    }
    uint64_t may = _mm512_cmpneq_epi8_mask(sum, _mm512_set1_epi8(-1));
    for (; may; may &= may - 1) {
      int32_t i = from + __builtin_ctzll(may);
      float distance;
      scan_16(tables, codes + 16 * (int64_t)i, 1, 0, &distance);
      offer(near, distance, first + i);
    }
    make_room(near);
  }
  scan_all(near, tables, 16, 256, codes + 16 * (int64_t)from, size - from, first + from);
}
#endif

/* scratch: float32 [ABREAST * (dim + m * ksub) + 2048 + 4 * k + 2 * PIECE] */
void pq_search(const float *query, int32_t dim, const float *centroids, const int32_t *lists, const double *code_starts,
               const int32_t *sizes, int32_t count, const float *entries, int32_t m, int32_t ksub, const uint8_t *codes,
               int32_t k, float *scratch, int32_t *positions) {
  int64_t table = (int64_t)m * ksub, room = 2 * (int64_t)k + PIECE;
  float *rest = scratch, *tables = rest + ABREAST * dim, *values = tables + ABREAST * table;
  int32_t *places = (int32_t *)(values + room), first = 0, dsub = dim / m;
  nearest_codes near = {values, places, places + room, k, 0, INFINITY};
  for (int32_t list = 0; list < count; list += ABREAST) {
    int32_t together = count - list < ABREAST ? count - list : ABREAST;
    for (int32_t v = 0; v < ABREAST; v++) { /* the last group is filled up with its first list */
      const float *centre = centroids + (int64_t)lists[v < together ? list + v : list] * dim;
      for (int32_t d = 0; d < dim; d++) rest[v * dim + d] = query[d] - centre[d];
    }
    for (int32_t j = 0; j < m; j++)
      part_distances(rest + j * dsub, dim, entries + (int64_t)j * dsub * ksub, ksub, dsub, tables + j * ksub, table, ABREAST);
    for (int32_t v = 0; v < together; first += sizes[list + v++]) {
      const uint8_t *own = codes + (int64_t)code_starts[list + v];
#ifdef BYTE_TABLES
      if (m == 16 && ksub == 256 && near.limit < INFINITY) {
        scan_bytes(&near, tables + v * table, own, sizes[list + v], first);
        continue;
      }
#endif
      scan_all(&near, tables + v * table, m, ksub, own, sizes[list + v], first);
    }
  }
  int32_t found = near.found;
  if (found > k) {
    keep_smallest(values, places, found, k, near.histogram);
    found = k;
  }
  memcpy(positions, places, 4 * (size_t)found);
  for (; found < k; found++) positions[found] = -1;
}

/* ---- the rest ---- */

void widen_rows(const uint16_t *from, float *to, int32_t count) { widen(from, to, count); }

/* Rounds to the nearest half, ties to even. */
void narrow_rows(const float *from, uint16_t *to, int32_t count) {
  int32_t i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= count; i += 16)
    _mm256_storeu_si256((__m256i *)(to + i), _mm512_cvtps_ph(_mm512_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
#elif defined(__F16C__)
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128((__m128i *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
#endif
  for (; i < count; i++) {
    uint32_t bits, sign;
    memcpy(&bits, from + i, 4);
    sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits >= 0x47800000) { /* 65536 and more, infinity, NaN */
      to[i] = (uint16_t)(sign | (bits > 0x7f800000 ? 0x7e00 : 0x7c00));
    } else if (bits < 0x38800000) { /* less than 2^-14: adding 0.5 lets the addition round */
      float value;
      memcpy(&value, &bits, 4);
      value += 0.5f;
      memcpy(&bits, &value, 4);
      to[i] = (uint16_t)(sign | (bits - 0x3f000000));
    } else {
      bits += 0xfff + (bits >> 13 & 1);
      to[i] = (uint16_t)(sign | ((bits - 0x38000000) >> 13));
    }
  }
}

/* ---- the machine's limits, for the benchmark ---- */

/* Keeps the compiler from leaving anything out. */
#if defined(__AVX2__) || defined(__AVX512F__)
#define KEEP(value) __asm__ volatile("" : "+v"(value))
#else
#define KEEP(value) __asm__ volatile("" ::: "memory")
#endif

/* Runs `rounds` × 64 fused multiply-adds of vectors; the result has to be used. */
float fma_peak(int32_t rounds) {
  vec sums[16], factor = (vec){0} + 0.999f, term = (vec){0} + 0.001f;
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) sums[i] = (vec){0} + (float)i;
  for (int32_t round = 0; round < rounds; round++) {
    for (int repeat = 0; repeat < 4; repeat++) {
#pragma GCC unroll 16
      for (int i = 0; i < 16; i++) {
        sums[i] = sums[i] * factor + term;
        KEEP(sums[i]);
      }
    }
  }
  float total = 0;
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) total += sums[i][0];
  return total;
}

void copy_bytes(uint8_t *to, const uint8_t *from, int64_t count) { memcpy(to, from, (size_t)count); }

/* ---- memory-mapped files ---- */

/* Maps `length` bytes of a file for reading. Returns null where the file is shorter or cannot be mapped. */
const void *map_file(const char *path, int64_t length) {
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return NULL;
  struct stat state;
  void *address = NULL;
  if (fstat(file, &state) == 0 && S_ISREG(state.st_mode) && state.st_size >= length && length > 0) {
    address = mmap(NULL, (size_t)length, PROT_READ, MAP_SHARED, file, 0);
    if (address == MAP_FAILED) address = NULL;
  }
  close(file);
  return address;
}

/* pattern: 0 as usual, 1 sequential, 2 random, 3 soon */
int32_t advise(void *address, int64_t length, int32_t pattern) {
  const int advice[] = {MADV_NORMAL, MADV_SEQUENTIAL, MADV_RANDOM, MADV_WILLNEED};
  return madvise(address, (size_t)length, advice[pattern & 3]);
}

int32_t unmap_file(void *address, int64_t length) { return munmap(address, (size_t)length); }
