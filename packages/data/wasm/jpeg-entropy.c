/* The Huffman decoder of baseline scans whose bytes are all in memory; more than half of a photograph's decoding time would be spent in the library's.
 *
 * Where that one decodes a run and a size and then fetches the bits of a coefficient, most short codes are found here with their coefficient in one table (ITU-T T.81,
 * annexes C and F). What is not as the standard says (bits missing, bytes left over, a restart marker out of place) ends in `fail`, where the library would warn.
 */
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include <stdint.h>
#include <string.h>

#define LOOKAHEAD 11
#define TABLES 4

_Noreturn void fail(int code);

/* What the next bits mean, in 32 bits: 0…4 bits to drop, 7 end of block, 8…11 zeros before the coefficient, 12…15 size of what is still to be read of it, 16…31 its value.
 * 0 is a code longer than LOOKAHEAD. */
typedef int32_t meaning;
#define END_OF_BLOCK 0x80

struct table {
  meaning of[1 << LOOKAHEAD];
  /* For each length the largest code, or -1, and where its symbol is, from the code. */
  int32_t largest[17], offset[17];
  const UINT8 *symbols;
  int is_dc;
};
static struct table dc_tables[TABLES], ac_tables[TABLES];

/* The bits that were read and not used are the lowest `left` of `buffer`; of them `padding` are zeros that stand for bits behind the end. */
struct bits {
  uint64_t buffer;
  int left, padding;
  const uint8_t *at, *end;
};

static struct {
  struct bits bits;
  int dc[MAX_COMPS_IN_SCAN];
  unsigned until_restart, next_restart;
  unsigned mcus_left;
} scan;

/* A coefficient of `size` bits, whose upper half is the positive values. */
static inline int extend(int value, int size) { return value < 1 << (size - 1) ? value - (1 << size) + 1 : value; }

static inline meaning meaning_of(const struct table *table, int symbol, int length) {
  if (table->is_dc) return (symbol & 15) << 12 | length;
  if (symbol & 15) return (symbol & 15) << 12 | (symbol >> 4) << 8 | length;
  return symbol == 0xf0 ? 15 << 8 | length : END_OF_BLOCK | length;
}

static void build(struct table *table, const JHUFF_TBL *huffman, int is_dc) {
  memset(table->of, 0, sizeof table->of);
  table->symbols = huffman->huffval;
  table->is_dc = is_dc;
  int code = 0, symbol = 0;
  for (int length = 1; length <= 16; length++, code <<= 1) {
    table->offset[length] = symbol - code;
    for (int i = 0; i < huffman->bits[length]; i++, code++, symbol++) {
      if (length > LOOKAHEAD) continue;
      meaning plain = meaning_of(table, huffman->huffval[symbol], length);
      int free = LOOKAHEAD - length, size = plain >> 12 & 15;
      for (int rest = 0; rest < 1 << free; rest++) {
        meaning here = plain;
        if (size && size <= free) here = extend(rest >> (free - size), size) * (1 << 16) | (plain & 0xf00) | (length + size);
        table->of[code << free | rest] = here;
      }
    }
    table->largest[length] = huffman->bits[length] ? code - 1 : -1;
  }
}

/* At least 32 bits, byte by byte: around bytes of 255, and zeros behind the end of the scan. */
static __attribute__((noinline)) void refill_slowly(struct bits *bits) {
  while (bits->left < 32) {
    int byte = 0;
    if (bits->at < bits->end && *bits->at != 0xff) byte = *bits->at++;
    else if (bits->at + 1 < bits->end && bits->at[1] == 0) {
      byte = 0xff;
      bits->at += 2;
    } else bits->padding += 8;
    bits->buffer = bits->buffer << 8 | byte;
    bits->left += 8;
  }
}

static inline void refill(struct bits *bits) {
  if (bits->left >= 32) return;
  if (bits->end - bits->at >= 4) {
    uint32_t word, inverted;
    memcpy(&word, bits->at, 4);
    inverted = ~word;
    if (!((inverted - 0x01010101) & word & 0x80808080)) {
      bits->buffer = bits->buffer << 32 | __builtin_bswap32(word);
      bits->left += 32;
      bits->at += 4;
      return;
    }
  }
  /* A copy, that the original may stay in registers. */
  struct bits copy = *bits;
  refill_slowly(&copy);
  *bits = copy;
}

static inline int peek(const struct bits *bits, int count) { return bits->buffer >> (bits->left - count) & ((1 << count) - 1); }

static __attribute__((noinline)) meaning long_code(const struct table *table, int next16) {
  for (int length = LOOKAHEAD + 1; length <= 16; length++) {
    int code = next16 >> (16 - length);
    if (code <= table->largest[length]) return meaning_of(table, table->symbols[(code + table->offset[length]) & 255], length);
  }
  fail(JWRN_HUFF_BAD_CODE);
}

static inline meaning next(const struct table *table, struct bits *bits) {
  refill(bits);
  meaning found = table->of[peek(bits, LOOKAHEAD)];
  if (!found) found = long_code(table, peek(bits, 16));
  bits->left -= found & 31;
  return found;
}

/* The coefficient of a meaning; a code and its coefficient have 31 bits at most. */
static inline int value_of(meaning found, struct bits *bits) {
  int size = found >> 12 & 15;
  if (!size) return found >> 16;
  bits->left -= size;
  return extend(bits->buffer >> bits->left & ((1 << size) - 1), size);
}

/* All bits but those that fill the last byte must have been used, and no others. */
static void end_interval(struct bits *bits) {
  int unused = bits->left - bits->padding;
  if (unused < 0 || unused >= 8) fail(JWRN_HIT_MARKER);
  bits->left = bits->padding = 0;
}

static void restart(j_decompress_ptr jpeg) {
  struct bits *bits = &scan.bits;
  end_interval(bits);
  if (bits->end - bits->at < 2 || bits->at[0] != 0xff || bits->at[1] != 0xd0 + scan.next_restart) fail(JWRN_MUST_RESYNC);
  bits->at += 2;
  scan.next_restart = (scan.next_restart + 1) & 7;
  scan.until_restart = jpeg->restart_interval;
  memset(scan.dc, 0, sizeof scan.dc);
}

static boolean decode_mcu(j_decompress_ptr jpeg, JBLOCKROW *blocks) {
  if (jpeg->restart_interval && !scan.until_restart) restart(jpeg);
  struct bits bits = scan.bits;
  for (int i = 0; i < jpeg->blocks_in_MCU; i++) {
    int component = jpeg->MCU_membership[i];
    const jpeg_component_info *info = jpeg->cur_comp_info[component];
    const struct table *ac = &ac_tables[info->ac_tbl_no];
    JCOEF *block = *blocks[i];
    scan.dc[component] += value_of(next(&dc_tables[info->dc_tbl_no], &bits), &bits);
    block[0] = (JCOEF)scan.dc[component];
    for (int k = 1; k < DCTSIZE2; k++) {
      meaning found = next(ac, &bits);
      if (found & END_OF_BLOCK) break;
      /* The order has 16 more places, for runs that go too far. */
      k += found >> 8 & 15;
      block[jpeg_natural_order[k]] = (JCOEF)value_of(found, &bits);
    }
  }
  if (bits.left < bits.padding) fail(JWRN_HIT_MARKER);
  scan.bits = bits;
  scan.until_restart--;
  if (!--scan.mcus_left) {
    end_interval(&scan.bits);
    jpeg->src->next_input_byte = scan.bits.at;
    jpeg->src->bytes_in_buffer = scan.bits.end - scan.bits.at;
  }
  return TRUE;
}

/* Takes over the only scan of an image, after jpeg_start_decompress, which has checked its tables. */
void take_over_scan(j_decompress_ptr jpeg) {
  memset(&scan, 0, sizeof scan);
  scan.bits.at = jpeg->src->next_input_byte;
  scan.bits.end = scan.bits.at + jpeg->src->bytes_in_buffer;
  scan.until_restart = jpeg->restart_interval;
  scan.mcus_left = jpeg->MCUs_per_row * jpeg->MCU_rows_in_scan;
  for (int i = 0; i < jpeg->comps_in_scan; i++) {
    const jpeg_component_info *info = jpeg->cur_comp_info[i];
    build(&dc_tables[info->dc_tbl_no], jpeg->dc_huff_tbl_ptrs[info->dc_tbl_no], 1);
    build(&ac_tables[info->ac_tbl_no], jpeg->ac_huff_tbl_ptrs[info->ac_tbl_no], 0);
  }
  jpeg->entropy->decode_mcu = decode_mcu;
}
