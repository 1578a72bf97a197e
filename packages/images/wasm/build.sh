#!/usr/bin/env bash
# Compiles libjpeg-turbo's decoder and the C files beside this into ../src/decode/image-kernels-binary.ts.
#
#   packages/images/wasm/build.sh LIBJPEG_TURBO        needs emscripten (3.1.6 was used), cmake and node
#
# LIBJPEG_TURBO is the unpacked source of release 2.1.5 (libjpeg-turbo_2.1.5.orig.tar.gz, which Debian 12 has as a source package:
# SHA-256 254f3642b04e309fee775123133c6464181addc150499561020312ec61c1bf7c). Nothing in it is changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "${1:?name the folder of the source of libjpeg-turbo 2.1.5}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

emcmake cmake -S "$source" -B "$work" -DWITH_SIMD=0 -DENABLE_SHARED=0 -DWITH_ARITH_ENC=0 -DWITH_ARITH_DEC=0 -DCMAKE_BUILD_TYPE=Release >"$work/cmake.log"
grep -q 'VERSION  *"2.1.5"' "$work/jconfigint.h"
# The hooks for vectors are there, and numbers of 32 bits for sizes, which cmake does not find out for this target.
echo '#define WITH_SIMD 1' >>"$work/jconfig.h"
sed -i 's/#define SIZEOF_SIZE_T .*/#define SIZEOF_SIZE_T  4/' "$work/jconfigint.h"

parts=(jcomapi jdapimin jdapistd jdatasrc jdcoefct jdcolor jddctmgr jdhuff jdinput jdmainct jdmarker jdmaster jdmerge jdphuff jdpostct jdsample jerror
  jidctflt jidctfst jidctint jidctred jquant1 jquant2 jutils jmemmgr jmemnobs)
parts=("${parts[@]/%/.c}")
ours=(can_idct_islow idct_islow can_h2v1_fancy_upsample h2v1_fancy_upsample can_h2v2_fancy_upsample h2v2_fancy_upsample can_ycc_rgb ycc_rgb_convert)
# x86-64 with pointers of 32 bits is what the library calls a machine such as this: its Huffman decoder then takes 64 bits at a time.
flags=(-O3 -msimd128 -I"$work" -I"$source" -I"$here" -D__x86_64__ -D__ILP32__)

cd "$work"
renames=()
for name in "${ours[@]}"; do renames+=("-Djsimd_$name=unused_$name"); done
emcc "${flags[@]}" "${renames[@]}" -c "$source/jsimd_none.c" -o none.o
emcc "${flags[@]}" "${parts[@]/#/$source/}" none.o "$here"/{decode-jpeg,jpeg-kernels,resize-rows}.c -o kernels.wasm \
  -s STANDALONE_WASM=1 --no-entry -s INITIAL_MEMORY=2MB -s TOTAL_STACK=256KB -s ALLOW_MEMORY_GROWTH=1 \
  -s EXPORTED_FUNCTIONS=stackSave,stackRestore -s ERROR_ON_UNDEFINED_SYMBOLS=0 -s WARN_ON_UNDEFINED_SYMBOLS=0
node "$here/embed.mjs" kernels.wasm
