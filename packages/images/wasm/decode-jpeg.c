/* Baseline JPEG photographs to RGB by libjpeg-turbo, for one image at a time.
 *
 * Every error and every warning of the library leaves through `fail`, which throws, and the caller lets libvips have the file. So a damaged file is judged in
 * one place only.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jpeglib.h"
#include "widest.h"

#define ROWS_TOGETHER 8
/* The kernels write whole vectors: up to this many bytes behind the last pixel. */
#define SLACK 64

__attribute__((import_module("env"), import_name("fail"))) _Noreturn void fail(int code);

static struct jpeg_decompress_struct jpeg;
static struct jpeg_error_mgr errors;
static int created;

static void on_error(j_common_ptr common) { fail(common->err->msg_code); }
static void on_message(j_common_ptr common, int level) {
  if (level < 0) fail(common->err->msg_code);
}

/* The memory areas that the caller and this module share. They grow and stay, since a photograph is followed by one of much the same size. */
enum { AREAS = 4 };
static struct {
  unsigned char *bytes;
  size_t size;
} areas[AREAS];

/* Address of area 0 (the file), 1 (the image), 2 (the square) or 3 (tables and rows of the resize), of at least `size` bytes; what it held is lost when it grows. */
__attribute__((export_name("area"))) unsigned char *area(int which, size_t size) {
  if (areas[which].size < size + SLACK) {
    free(areas[which].bytes);
    areas[which].size = 0;
    areas[which].bytes = malloc(size + SLACK);
    if (!areas[which].bytes) fail(-1);
    areas[which].size = size + SLACK;
  }
  return areas[which].bytes;
}

/* An Exif block may turn the image, which is libvips' matter. */
static int has_exif(void) {
  for (jpeg_saved_marker_ptr marker = jpeg.marker_list; marker; marker = marker->next)
    if (marker->data_length >= 4 && !memcmp(marker->data, "Exif", 4)) return 1;
  return 0;
}

/* Reads the header of the file in area 0; its width in pixels, or 0 for one that is left to libvips: progressive, several scans, CMYK, 12 bits, Exif, many pixels. */
__attribute__((export_name("begin"))) int begin(size_t length, int most_pixels) {
  /* A new decoder for each image: tables of the one before would serve an image that lacks its own. */
  if (created) jpeg_destroy_decompress(&jpeg);
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = on_error;
  errors.emit_message = on_message;
  jpeg_create_decompress(&jpeg);
  created = 1;
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 8);
  jpeg_mem_src(&jpeg, areas[0].bytes, length);
  jpeg_read_header(&jpeg, TRUE);
  if (jpeg.progressive_mode || jpeg.arith_code || jpeg_has_multiple_scans(&jpeg) || jpeg.data_precision != 8) return 0;
  if (jpeg.num_components != 3 && jpeg.num_components != 1) return 0;
  if (jpeg.image_width > WIDEST || jpeg.image_height > (unsigned)most_pixels / jpeg.image_width || has_exif()) return 0;
  jpeg.out_color_space = JCS_RGB;
  jpeg.dct_method = JDCT_ISLOW;
  return jpeg.image_width;
}

__attribute__((export_name("height"))) int height(void) { return jpeg.image_height; }

/* Decodes what `begin` has read into area 1, [height, width, 3]. */
__attribute__((export_name("decode"))) unsigned char *decode(void) {
  size_t stride = (size_t)jpeg.image_width * 3;
  unsigned char *pixels = area(1, stride * jpeg.image_height);
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    unsigned left = jpeg.output_height - jpeg.output_scanline;
    JSAMPROW rows[ROWS_TOGETHER];
    for (int i = 0; i < ROWS_TOGETHER; i++) rows[i] = pixels + (jpeg.output_scanline + i) * stride;
    jpeg_read_scanlines(&jpeg, rows, left < ROWS_TOGETHER ? left : ROWS_TOGETHER);
  }
  jpeg_finish_decompress(&jpeg);
  return pixels;
}
