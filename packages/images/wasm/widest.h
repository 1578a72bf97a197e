/* The widest image in pixels that is decoded here; wider ones are left to libvips, since the kernels hold a row in memory of fixed size. */
#define WIDEST 16384
