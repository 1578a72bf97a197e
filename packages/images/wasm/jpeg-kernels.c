/* What libjpeg-turbo computes for most of a photograph's time, with WebAssembly's vectors: the inverse DCT, the triangle filters that double the color planes, and
 * YCbCr to RGB. Its own vector code is for processors; these take the same hooks (`jsimd_*`) and give the same samples as its plain loops, jsimd_none.c offers the rest.
 *
 * Rows of the library begin and end at multiples of 64 bytes, so whole vectors may be read and written there. Output rows overrun by less than 48 bytes into the
 * row that is written next.
 */
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include "jsimd.h"
#include "jdct.h"
#include "jsimddct.h"
#include "widest.h"
#include <string.h>
#include <wasm_simd128.h>

#define load(from) wasm_v128_load(from)
#define store(to, a) wasm_v128_store(to, a)
#define low16(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define high16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define low32(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define high32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
#define low64(a, b) wasm_i64x2_shuffle(a, b, 0, 2)
#define high64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)
/* The bytes of both halves by turns. */
#define weave_halves(a) wasm_i8x16_shuffle(a, a, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)
#define pair(a, b) wasm_i16x8_const(a, b, a, b, a, b, a, b)
/* a · x + b · y of four interleaved pairs (x, y). */
#define dot(pairs, a, b) wasm_i32x4_dot_i16x8(pairs, pair(a, b))
#define add wasm_i32x4_add
#define sub wasm_i32x4_sub
#define shift_right wasm_i32x4_shr

/* Inverse DCT of 8 points for four columns. The arguments are interleaved inputs: 0 with 4, 2 with 6, 1 with 3, 5 with 7; `bias` is rounding.
 *
 * The flow graph of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with constants of 13 bits, multiplied out: sums of products are exact in 32 bits, so the
 * order of the additions does not matter. */
static inline void four_columns(v128_t in04, v128_t in26, v128_t in13, v128_t in57, v128_t bias, int shift, v128_t *out) {
  v128_t sum = add(dot(in04, 8192, 8192), bias), difference = add(dot(in04, 8192, -8192), bias);
  v128_t even2 = dot(in26, 4433, 4433 - 15137), even3 = dot(in26, 4433 + 6270, 4433);
  v128_t even[4] = {add(sum, even3), add(difference, even2), sub(difference, even2), sub(sum, even3)};
  v128_t odd[4] = {
      add(dot(in13, 11363, 9633), dot(in57, 6437, 2260)),
      add(dot(in13, 9633, -2259), dot(in57, -11362, -6436)),
      add(dot(in13, 6437, -11362), dot(in57, 2261, 9633)),
      add(dot(in13, 2260, -6436), dot(in57, 9633, -11363)),
  };
  for (int i = 0; i < 4; i++) {
    out[i] = shift_right(add(even[i], odd[i]), shift);
    out[7 - i] = shift_right(sub(even[i], odd[i]), shift);
  }
}

static inline void eight_columns(v128_t *rows, int bias, int shift) {
  v128_t left[8], right[8], rounding = wasm_i32x4_splat(bias);
  four_columns(low16(rows[0], rows[4]), low16(rows[2], rows[6]), low16(rows[1], rows[3]), low16(rows[5], rows[7]), rounding, shift, left);
  four_columns(high16(rows[0], rows[4]), high16(rows[2], rows[6]), high16(rows[1], rows[3]), high16(rows[5], rows[7]), rounding, shift, right);
  for (int i = 0; i < 8; i++) rows[i] = wasm_i16x8_narrow_i32x4(left[i], right[i]);
}

static inline void transpose(v128_t *rows) {
  v128_t a[8], b[8];
  for (int i = 0; i < 4; i++) {
    a[2 * i] = low16(rows[2 * i], rows[2 * i + 1]);
    a[2 * i + 1] = high16(rows[2 * i], rows[2 * i + 1]);
  }
  for (int i = 0; i < 2; i++) {
    b[4 * i] = low32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = high32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = low32(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = high32(a[4 * i + 1], a[4 * i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    rows[2 * i] = low64(b[i], b[i + 4]);
    rows[2 * i + 1] = high64(b[i], b[i + 4]);
  }
}

int jsimd_can_idct_islow(void) { return 1; }

void jsimd_idct_islow(j_decompress_ptr jpeg, jpeg_component_info *component, JCOEFPTR block, JSAMPARRAY out, JDIMENSION column) {
  const short *steps = (const short *)component->dct_table;
  v128_t rows[8], others = wasm_v128_and(load(block), wasm_i16x8_const(0, -1, -1, -1, -1, -1, -1, -1));
  for (int i = 1; i < 8; i++) others = wasm_v128_or(others, load(block + 8 * i));
  if (!wasm_v128_any_true(others)) {
    /* One value for all 64 samples: both passes with nothing but the first coefficient. */
    int level = (((short)(block[0] * steps[0]) * 4 + 16) >> 5) + 128;
    v128_t all = wasm_i8x16_splat((signed char)(level < 0 ? 0 : level > 255 ? 255 : level));
    for (int i = 0; i < 8; i++) wasm_v128_store64_lane(out[i] + column, all, 0);
    return;
  }
  for (int i = 0; i < 8; i++) rows[i] = wasm_i16x8_mul(load(block + 8 * i), load(steps + 8 * i));
  eight_columns(rows, 1 << 10, 11);
  transpose(rows);
  eight_columns(rows, (1 << 17) + (128 << 18), 18);
  /* The vectors are columns of the block now; as bytes they are turned in half as many steps. */
  v128_t a[4];
  for (int i = 0; i < 4; i++) {
    v128_t columns = wasm_u8x16_narrow_i16x8(rows[2 * i], rows[2 * i + 1]);
    a[i] = weave_halves(columns);
  }
  v128_t top_left = low16(a[0], a[1]), bottom_left = high16(a[0], a[1]);
  v128_t top_right = low16(a[2], a[3]), bottom_right = high16(a[2], a[3]);
  v128_t lines[4] = {low32(top_left, top_right), high32(top_left, top_right), low32(bottom_left, bottom_right), high32(bottom_left, bottom_right)};
  for (int i = 0; i < 4; i++) {
    wasm_v128_store64_lane(out[2 * i] + column, lines[i], 0);
    wasm_v128_store64_lane(out[2 * i + 1] + column, lines[i], 1);
  }
}

/* A row of samples with one more on either side, to which the edge is repeated. */
static unsigned short padded[8 + WIDEST + 16];
static unsigned short *const line = padded + 8;

/* Doubles `line` across: each output is 3 parts of its sample and 1 of the neighbour on its side, rounded by `before` and `after`. */
static inline void double_line(JSAMPROW out, int width, int before, int after, int shift) {
  line[-1] = line[0];
  line[width] = line[width - 1];
  v128_t bias_before = wasm_i16x8_splat(before), bias_after = wasm_i16x8_splat(after);
  for (int i = 0; i < width; i += 8) {
    v128_t here = load(line + i), three = wasm_i16x8_add(wasm_i16x8_add(here, here), here);
    v128_t even = wasm_i16x8_add(wasm_i16x8_add(three, load(line + i - 1)), bias_before);
    v128_t odd = wasm_i16x8_add(wasm_i16x8_add(three, load(line + i + 1)), bias_after);
    v128_t bytes = wasm_u8x16_narrow_i16x8(wasm_u16x8_shr(even, shift), wasm_u16x8_shr(odd, shift));
    store(out + 2 * i, weave_halves(bytes));
  }
}

int jsimd_can_h2v1_fancy_upsample(void) { return 1; }

void jsimd_h2v1_fancy_upsample(j_decompress_ptr jpeg, jpeg_component_info *component, JSAMPARRAY in, JSAMPARRAY *out) {
  int width = component->downsampled_width;
  for (int row = 0; row < jpeg->max_v_samp_factor; row++) {
    for (int i = 0; i < width; i += 8) store(line + i, wasm_u16x8_load8x8(in[row] + i));
    double_line((*out)[row], width, 1, 2, 2);
  }
}

int jsimd_can_h2v2_fancy_upsample(void) { return 1; }

void jsimd_h2v2_fancy_upsample(j_decompress_ptr jpeg, jpeg_component_info *component, JSAMPARRAY in, JSAMPARRAY *out) {
  int width = component->downsampled_width;
  for (int row = 0; row < jpeg->max_v_samp_factor; row++) {
    int at = row / 2;
    JSAMPROW near = in[at], far = in[row % 2 ? at + 1 : at - 1];
    for (int i = 0; i < width; i += 8) {
      v128_t sample = wasm_u16x8_load8x8(near + i);
      v128_t three = wasm_i16x8_add(wasm_i16x8_add(sample, sample), sample);
      store(line + i, wasm_i16x8_add(three, wasm_u16x8_load8x8(far + i)));
    }
    double_line((*out)[row], width, 8, 7, 4);
  }
}

int jsimd_can_ycc_rgb(void) { return 1; }

/* The upper 16 bits of eight sums. */
#define upper16(a, b) wasm_i16x8_shuffle(a, b, 1, 3, 5, 7, 9, 11, 13, 15)

/* R = Y + 1.402 Cr, G = Y − 0.344 Cb − 0.714 Cr, B = Y + 1.772 Cb, with constants of 16 bits of which whole multiples are taken out, that the rest has 15;
 * 16384 times 2 is one half. */
static inline void to_rgb(const unsigned char *luma, const unsigned char *blue, const unsigned char *red, v128_t *r, v128_t *g, v128_t *b) {
  v128_t middle = wasm_i16x8_splat(128), two = wasm_i16x8_splat(2), half = wasm_i32x4_splat(32768);
  v128_t y = wasm_u16x8_load8x8(luma);
  v128_t cb = wasm_i16x8_sub(wasm_u16x8_load8x8(blue), middle), cr = wasm_i16x8_sub(wasm_u16x8_load8x8(red), middle);
  v128_t part_r = upper16(dot(low16(cr, two), 26345, 16384), dot(high16(cr, two), 26345, 16384));
  v128_t part_b = upper16(dot(low16(cb, two), -14942, 16384), dot(high16(cb, two), -14942, 16384));
  v128_t part_g = upper16(add(dot(low16(cb, cr), -22554, 18734), half), add(dot(high16(cb, cr), -22554, 18734), half));
  *r = wasm_i16x8_add(y, wasm_i16x8_add(cr, part_r));
  *g = wasm_i16x8_add(y, wasm_i16x8_sub(part_g, cr));
  *b = wasm_i16x8_add(y, wasm_i16x8_add(wasm_i16x8_add(cb, cb), part_b));
}

void jsimd_ycc_rgb_convert(j_decompress_ptr jpeg, JSAMPIMAGE in, JDIMENSION row, JSAMPARRAY out, int count) {
  int width = jpeg->output_width;
  for (; count > 0; count--, row++, out++) {
    JSAMPROW to = *out;
    for (int i = 0; i < width; i += 16, to += 48) {
      v128_t r0, g0, b0, r1, g1, b1;
      to_rgb(in[0][row] + i, in[1][row] + i, in[2][row] + i, &r0, &g0, &b0);
      to_rgb(in[0][row] + i + 8, in[1][row] + i + 8, in[2][row] + i + 8, &r1, &g1, &b1);
      v128_t r = wasm_u8x16_narrow_i16x8(r0, r1), g = wasm_u8x16_narrow_i16x8(g0, g1), b = wasm_u8x16_narrow_i16x8(b0, b1);
      v128_t first = wasm_i8x16_shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
      v128_t second = wasm_i8x16_shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
      v128_t third = wasm_i8x16_shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
      store(to, wasm_i8x16_shuffle(first, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
      store(to + 16, wasm_i8x16_shuffle(second, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15));
      store(to + 32, wasm_i8x16_shuffle(third, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31));
    }
  }
}
