/** First pickle of a file of PyTorch before 1.6. */
export const legacyMagic = 0x1950a86a20f9469cfc6cn;

/** Second pickle. */
export const legacyProtocol = 1001;

/** Third pickle: the machine that wrote the file. */
export const legacySystem = {
  protocol_version: legacyProtocol,
  little_endian: true,
  type_sizes: { short: 2, int: 4, long: 4 },
};
