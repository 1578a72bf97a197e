import { InvalidArgumentError } from 'commander';

/** Reads the value of an option as a whole number from `least`. */
export const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < least) {
    throw new InvalidArgumentError(`expected a whole number from ${least}.`);
  }
  return value;
};
