;; Bilinear resize of RGB bytes: what the loop in letterbox-pixels.ts computes, three channels at once, to the same bits.
;; Weights have 11 bits; four of them and a byte fill 30. Assembled into resize-rows-module.ts by assemble-resize-rows.mjs.
(module
  (memory (export "memory") 1)
  (func (export "resize")
    (param $source i32)      ;; first byte of the input, [rows, columns, 3]; a byte behind it may be read
    (param $target i32)      ;; first byte of the output
    (param $targetStride i32) ;; bytes from an output row to the next
    (param $width i32) (param $height i32) ;; of the output
    (param $across i32)      ;; [width] times (offset of the left neighbour, offset of the right one, share of the right one), i32
    (param $down i32)        ;; [height] times (offset of the upper row, offset of the lower one, share of the lower one), i32
    (local $column i32) (local $end i32) (local $at i32) (local $downEnd i32)
    (local $top i32) (local $bottom i32) (local $lower i32)
    (local $left i32) (local $rightAt i32) (local $right i32)
    (local $w11 i32) (local $w01 i32) (local $w10 i32) (local $pixel i32)
    (local.set $downEnd (i32.add (local.get $down) (i32.mul (local.get $height) (i32.const 12))))
    (local.set $end (i32.add (local.get $across) (i32.mul (local.get $width) (i32.const 12))))
    (loop $rows
      (local.set $top (i32.add (local.get $source) (i32.load (local.get $down))))
      (local.set $bottom (i32.add (local.get $source) (i32.load offset=4 (local.get $down))))
      (local.set $lower (i32.load offset=8 (local.get $down)))
      (local.set $column (local.get $across))
      (local.set $at (local.get $target))
      (loop $columns
        (local.set $left (i32.load (local.get $column)))
        (local.set $rightAt (i32.load offset=4 (local.get $column)))
        (local.set $right (i32.load offset=8 (local.get $column)))
        (local.set $w11 (i32.mul (local.get $right) (local.get $lower)))
        (local.set $w01 (i32.sub (i32.shl (local.get $right) (i32.const 11)) (local.get $w11)))
        (local.set $w10 (i32.sub (i32.shl (local.get $lower) (i32.const 11)) (local.get $w11)))
        (local.set $pixel
          (i32x4.extract_lane 0
            (i8x16.narrow_i16x8_u
              (i16x8.narrow_i32x4_u
                (i32x4.shr_u
                  (i32x4.add
                    (i32x4.add
                      (i32x4.mul
                        (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                          (v128.load32_zero (i32.add (local.get $top) (local.get $left)))))
                        (i32x4.splat
                          (i32.sub (i32.sub (i32.sub (i32.const 4194304) (local.get $w01)) (local.get $w10)) (local.get $w11))))
                      (i32x4.mul
                        (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                          (v128.load32_zero (i32.add (local.get $top) (local.get $rightAt)))))
                        (i32x4.splat (local.get $w01))))
                    (i32x4.add
                      (i32x4.add
                        (i32x4.mul
                          (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                            (v128.load32_zero (i32.add (local.get $bottom) (local.get $left)))))
                          (i32x4.splat (local.get $w10)))
                        (i32x4.mul
                          (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u
                            (v128.load32_zero (i32.add (local.get $bottom) (local.get $rightAt)))))
                          (i32x4.splat (local.get $w11))))
                      (v128.const i32x4 2097152 2097152 2097152 2097152)))
                  (i32.const 22))
                (v128.const i32x4 0 0 0 0))
              (v128.const i32x4 0 0 0 0))))
        (i32.store16 (local.get $at) (local.get $pixel))
        (i32.store8 offset=2 (local.get $at) (i32.shr_u (local.get $pixel) (i32.const 16)))
        (local.set $at (i32.add (local.get $at) (i32.const 3)))
        (local.set $column (i32.add (local.get $column) (i32.const 12)))
        (br_if $columns (i32.lt_u (local.get $column) (local.get $end))))
      (local.set $target (i32.add (local.get $target) (local.get $targetStride)))
      (local.set $down (i32.add (local.get $down) (i32.const 12)))
      (br_if $rows (i32.lt_u (local.get $down) (local.get $downEnd))))))
