/*
 * The inner loops in C, compiled once on the machine that runs them (cc -O3 -march=native). kernels/reference.ts says what
 * they mean. Vector types of GCC and Clang; the width follows the machine: 16 floats with AVX-512, else 8.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__F16C__) || defined(__AVX512F__)
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
  mask take = a > b;
  return (vec)(((mask)a & take) | ((mask)b & ~take));
}

/* best[vectors] = max(best, scores of `count` rows); vectors and count are constants at every call, so all loops unroll. */
static inline __attribute__((always_inline)) void rows_against(const float *query, int32_t dim, const float *rows,
                                                               float *best, const int vectors, const int count) {
  vec sums[2][BLOCK] = {0};
  for (int32_t d = 0; d < dim; d++) {
    for (int v = 0; v < vectors; v++) {
      vec q = *(const vec *)(query + ((int64_t)v * dim + d) * LANES);
      for (int r = 0; r < count; r++) sums[v][r] += q * rows[(int64_t)r * dim + d];
    }
  }
  for (int v = 0; v < vectors; v++) {
    vec top = *(vec *)(best + v * LANES);
    for (int r = 0; r < count; r++) top = larger(sums[v][r], top);
    *(vec *)(best + v * LANES) = top;
  }
}

static inline __attribute__((always_inline)) void rows_against_all(const float *query, int32_t vectors, int32_t dim,
                                                                   const float *rows, float *best, const int count) {
  int32_t v = 0;
  for (; v + 2 <= vectors; v += 2)
    rows_against(query + (int64_t)v * dim * LANES, dim, rows, best + v * LANES, 2, count);
  if (v < vectors) rows_against(query + (int64_t)v * dim * LANES, dim, rows, best + v * LANES, 1, count);
}

/*
 * MaxSim of one query against `count` passages that lie one after the other.
 *
 * query    float32 [vectors, dim, LANES], filled up with zeros
 * real     query rows that count
 * rows     fp16 [sum(lengths), dim]
 * lengths  int32 [count]
 * scratch  float32, BLOCK * dim + vectors * LANES
 * out      float32 [count]; -inf for a passage without rows
 */
void maxsim(const float *query, int32_t vectors, int32_t real, int32_t dim, const uint16_t *rows, const int32_t *lengths,
            int32_t count, float *scratch, float *out) {
  float *best = scratch + (int64_t)BLOCK * dim;
  for (int32_t passage = 0; passage < count; passage++) {
    int32_t left = lengths[passage];
    if (left == 0) {
      out[passage] = -INFINITY;
      continue;
    }
    for (int32_t i = 0; i < vectors * LANES; i++) best[i] = -INFINITY;
    while (left > 0) {
      int32_t block = left < BLOCK ? left : BLOCK;
      widen(rows, scratch, block * dim);
      switch (block) {
        case 1: rows_against_all(query, vectors, dim, scratch, best, 1); break;
        case 2: rows_against_all(query, vectors, dim, scratch, best, 2); break;
        case 3: rows_against_all(query, vectors, dim, scratch, best, 3); break;
        case 4: rows_against_all(query, vectors, dim, scratch, best, 4); break;
        case 5: rows_against_all(query, vectors, dim, scratch, best, 5); break;
#if BLOCK > 6
        case 6: rows_against_all(query, vectors, dim, scratch, best, 6); break;
        case 7: rows_against_all(query, vectors, dim, scratch, best, 7); break;
#endif
        default: rows_against_all(query, vectors, dim, scratch, best, BLOCK);
      }
      rows += (int64_t)block * dim;
      left -= block;
    }
    float sum = 0;
    for (int32_t q = 0; q < real; q++) sum += best[q];
    out[passage] = sum;
  }
}
