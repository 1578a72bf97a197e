import { describe, expect, it } from 'vitest';
import { axisTicks, renderLineChart } from './line-chart.js';

describe('axisTicks', () => {
  it('gives round numbers inside the range', () => {
    expect(axisTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(axisTicks(0, 3.4)).toEqual([0, 1, 2, 3]);
    expect(axisTicks(-1, 1)).toEqual([-1, -0.5, 0, 0.5, 1]);
    expect(axisTicks(1, 3000)).toEqual([1000, 2000, 3000]);
  });
});

describe('renderLineChart', () => {
  const points = (count: number) => Array.from({ length: count }, (_, i) => [i, i % 2] as const);
  const chart = { title: 'a < b', xLabel: 'step', yLabel: 'loss' };
  const drawn = (svg: string) =>
    [...svg.matchAll(/<polyline class="line" points="([^"]*)"/g)].map((m) => m[1]!.split(' '));

  it('draws every line, named, inside the axes', () => {
    const svg = String(
      renderLineChart({
        ...chart,
        series: [
          { name: '<one>', points: points(5) },
          { name: 'two', points: points(3) },
        ],
      }),
    );
    expect(drawn(svg).map((line) => line.length)).toEqual([5, 3]);
    expect(svg).toContain('aria-label="a &lt; b"');
    expect(svg).toContain('&lt;one&gt;');
    for (const [x, y] of drawn(svg)
      .flat()
      .map((pair) => pair.split(',').map(Number))) {
      expect(x! >= 58 && x! <= 626 && y! >= 12 && y! <= 276).toBe(true);
    }
  });
  it('averages a long line in groups and leaves out what is not finite', () => {
    const long = drawn(String(renderLineChart({ ...chart, series: [{ name: 'x', points: points(6000) }] })))[0]!;
    expect(long.length).toBe(600);
    expect(new Set(long.map((pair) => pair.split(',')[1])).size).toBe(1);
    const broken = [
      [0, 1],
      [1, Number.NaN],
      [2, Number.POSITIVE_INFINITY],
      [3, 1],
    ] as const;
    expect(drawn(String(renderLineChart({ ...chart, series: [{ name: 'x', points: broken }] })))[0]!.length).toBe(2);
  });
  it('says that there is nothing to draw, and draws a constant', () => {
    expect(String(renderLineChart({ ...chart, series: [] }))).toContain('nothing to draw');
    const constant = String(
      renderLineChart({
        ...chart,
        series: [
          {
            name: 'x',
            points: [
              [4, 0],
              [4, 0],
            ],
          },
        ],
      }),
    );
    expect(constant).not.toContain('NaN');
  });
});
