import { expect, test } from 'vitest';
import { nextLink } from './link.ts';

test.each([
  [undefined, undefined],
  ['</v2/_catalog?last=b&n=2>; rel="next"', '/v2/_catalog?last=b&n=2'],
  ['</prev>; rel="prev", </next,1>; rel=next', '/next,1'],
  ['</v2/_catalog>; rel="first"', undefined],
  ['nonsense', undefined],
])('the next page of %j is %j', (header, next) => {
  expect(nextLink(header)).toBe(next);
});
