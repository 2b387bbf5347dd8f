// Unpacks the test vectors of age (C2SP's CCTV): one file each, as their README describes them, but never compressed.
// node tests/age_vectors.mjs PACKAGE FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { inflateSync } from 'node:zlib';

const [, , from, to] = process.argv;
const vectors = await import(resolve(from, 'index.js'));
mkdirSync(to, { recursive: true });
let written = 0;
for (const [name, bytes] of Object.entries(vectors)) {
  let vector = Buffer.from(bytes);
  const end = vector.indexOf('\n\n') + 2;
  const head = vector.subarray(0, end).toString('latin1');
  if (head.includes('\ncompressed: zlib\n'))
    vector = Buffer.concat([
      Buffer.from(head.replace('compressed: zlib\n', ''), 'latin1'),
      inflateSync(vector.subarray(end)),
    ]);
  writeFileSync(resolve(to, name), vector);
  written += 1;
}
console.log(`${written} vectors`);
