/* Bilinear resize of RGB bytes: what the loop in resize-by-loop.ts computes, to the same bits.
 *
 * Shares have 11 bits. A row is first interpolated across, exactly (19 bits), and kept while it is needed, then two rows down.
 */
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

/* Interpolates a row across: `columns` are triples (offset of the left neighbour, of the right one, share of the right one), `into` gets 3 values a column. */
static void across_row(const uint8_t *row, const int32_t *columns, int width, int32_t *into) {
  for (int x = 0; x < width; x++, columns += 3, into += 3) {
    /* At the edge both neighbours are one pixel; then all weight is the left one's, since the right one is read 3 bytes on. */
    int share = columns[0] == columns[1] ? 0 : columns[2];
    v128_t pixels = wasm_v128_load64_zero(row + columns[0]);
    v128_t pairs = wasm_i8x16_shuffle(pixels, wasm_i32x4_const(0, 0, 0, 0), 0, 16, 3, 16, 1, 16, 4, 16, 2, 16, 5, 16, 16, 16, 16, 16);
    wasm_v128_store(into, wasm_i32x4_dot_i16x8(pairs, wasm_i32x4_splat((2048 - share) | share << 16)));
  }
}

static inline v128_t down(const int32_t *top, const int32_t *bottom, v128_t share) {
  v128_t a = wasm_v128_load(top), b = wasm_v128_load(bottom);
  v128_t sum = wasm_i32x4_add(wasm_i32x4_shl(a, 11), wasm_i32x4_mul(wasm_i32x4_sub(b, a), share));
  return wasm_u32x4_shr(wasm_i32x4_add(sum, wasm_i32x4_splat(1 << 21)), 22);
}

static inline v128_t down16(const int32_t *top, const int32_t *bottom, v128_t share) {
  v128_t low = wasm_i16x8_narrow_i32x4(down(top, bottom, share), down(top + 4, bottom + 4, share));
  v128_t high = wasm_i16x8_narrow_i32x4(down(top + 8, bottom + 8, share), down(top + 12, bottom + 12, share));
  return wasm_u8x16_narrow_i16x8(low, high);
}

/* `source`: first byte of the input, readable 8 bytes behind its end; `target`, `stride`: first byte of the output, bytes from one of its rows to the next;
 * `width`, `height`: of the output; `columns`, `lines`: triples per column and row as above; `rows`: memory for 2 (3 width + 16) numbers. */
__attribute__((export_name("resize"))) void resize(const uint8_t *source, uint8_t *target, int stride, int width, int height, const int32_t *columns,
                                                   const int32_t *lines, int32_t *rows) {
  int count = 3 * width;
  int32_t *upper = rows, *lower = rows + count + 16;
  int32_t upper_at = -1, lower_at = -1;
  for (int y = 0; y < height; y++, lines += 3, target += stride) {
    if (upper_at != lines[0]) {
      int32_t *free_row = upper;
      upper = lower;
      lower = free_row;
      upper_at = lower_at;
      lower_at = -1;
      if (upper_at != lines[0]) across_row(source + lines[0], columns, width, upper);
      upper_at = lines[0];
    }
    const int32_t *bottom = upper;
    if (lines[1] != lines[0]) {
      if (lower_at != lines[1]) across_row(source + lines[1], columns, width, lower);
      lower_at = lines[1];
      bottom = lower;
    }
    v128_t share = wasm_i32x4_splat(lines[2]);
    int x = 0;
    for (; x + 16 <= count; x += 16) wasm_v128_store(target + x, down16(upper + x, bottom + x, share));
    if (x < count) {
      uint8_t rest[16];
      wasm_v128_store(rest, down16(upper + x, bottom + x, share));
      memcpy(target + x, rest, count - x);
    }
  }
}
