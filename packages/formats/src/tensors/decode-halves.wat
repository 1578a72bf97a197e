;; Half-precision bits to float32, four at a time. Assembled into decode-halves-module.ts by assemble-decode-halves.mjs.
;; The bits below the sign, moved to float32's place, are a number 2^112 too small: a product makes subnormal halves right as well.
(module
  (memory (export "memory") 2)
  (func (export "decode")
    (param $end i32) ;; bytes of halves from address 0, a multiple of 8 and at least 8; the floats begin at 32768
    (local $at i32) (local $halves v128) (local $small v128)
    (loop $fours
      (local.set $halves (v128.load16x4_u (local.get $at)))
      (local.set $small
        (i32x4.shl (v128.and (local.get $halves) (v128.const i32x4 0x7fff 0x7fff 0x7fff 0x7fff)) (i32.const 13)))
      (v128.store offset=32768 (i32.shl (local.get $at) (i32.const 1))
        (v128.or
          (v128.or
            (f32x4.mul (local.get $small) (v128.const i32x4 0x77800000 0x77800000 0x77800000 0x77800000))
            ;; infinity and what is no number: the largest exponent stays the largest
            (v128.and
              (i32x4.gt_s (local.get $small) (v128.const i32x4 0x0f7fffff 0x0f7fffff 0x0f7fffff 0x0f7fffff))
              (v128.const i32x4 0x7f800000 0x7f800000 0x7f800000 0x7f800000)))
          (i32x4.shl (v128.and (local.get $halves) (v128.const i32x4 0x8000 0x8000 0x8000 0x8000)) (i32.const 16))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $fours (i32.lt_u (local.get $at) (local.get $end))))))
