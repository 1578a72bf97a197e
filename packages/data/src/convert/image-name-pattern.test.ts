import { UsageError } from '@refclip/structures';
import { describe, expect, it } from 'vitest';
import { cocoImageName, imageNamePattern } from './image-name-pattern.js';

describe('imageNamePattern', () => {
  it.each([
    ['%d.jpg', 25, '25.jpg'],
    ['val2017/%012d.jpg', 25, 'val2017/000000000025.jpg'],
    ['a-%03d-b.png', 1234, 'a-1234-b.png'],
    ['COCO_train2014_%012d.jpg', 9, cocoImageName(9)],
  ])('%s of %i is %s', (pattern, id, name) => {
    expect(imageNamePattern(pattern)(id)).toBe(name);
  });

  it.each(['', 'a.jpg', '%d%d', '%5d', '%s'])('refuses %j', (pattern) => {
    expect(() => imageNamePattern(pattern)).toThrow(UsageError);
  });
});
