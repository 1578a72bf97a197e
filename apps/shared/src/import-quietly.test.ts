import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** What a program prints that imports a package and then makes a tensor on tfjs's cpu backend, as every first example does. */
function printedWith(imported: string, more = '') {
  const program = `
    import * as tf from '@tensorflow/tfjs';
    import * as imported from '${imported}';
    if (tf.getBackend() !== 'cpu') await tf.setBackend('cpu');
    if (tf.tensor([1, 2]).sum().dataSync()[0] !== 3 || Object.keys(imported).length === 0) throw new Error('wrong');
    ${more}`;
  const node = ['--conditions=@refclip/source', '--import', 'tsx', '--input-type=module', '--eval', program];
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { cwd: import.meta.dirname, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('a program that uses a package', () => {
  it.each(['runtime', 'nn', 'vision', 'text', 'core', 'students'])('prints nothing with %s', (name) => {
    expect(printedWith(`@refclip/${name}`)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('prints nothing when it records and compiles', () => {
    const compile = `
      const engine = await imported.createEngine();
      const doubled = await engine.compile(({ x }) => ({ y: x.mul(2) }), { inputs: { x: { shape: [1], dtype: 'float32' } } });
      await doubled.dispose();`;
    expect(printedWith('@refclip/runtime', compile)).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('still hears of mistakes from TensorFlow.js', () => {
    const mistake = `tf.registerKernel({ kernelName: 'Add', backendName: 'cpu', kernelFunc: () => tf.scalar(0) });`;
    expect(printedWith('@refclip/runtime', mistake).stderr).toContain("The kernel 'Add'");
  });
});
