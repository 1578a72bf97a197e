const known = ['trainval', 'train', 'val', 'testAB', 'testA', 'testB', 'testC', 'test'];

/** The split that a file's name says: `unc_testA.pth`, `train_flat.csv`, `google_refexp_val_201511.json`; undefined when it says none. */
export function splitOfFile(file: string): string | undefined {
  const words = (file.split(/[\\/]/).at(-1) ?? '').split(/[^A-Za-z]+/);
  return known.find((split) => words.some((word) => word === split || word.toLowerCase() === split.toLowerCase()));
}
