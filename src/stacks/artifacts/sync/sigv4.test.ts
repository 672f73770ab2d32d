import { expect, test } from 'vitest';
import { Secret } from '../../../base/secret.ts';
import { signed } from './sigv4.ts';

/** The examples of the Amazon S3 API reference, "Signature Calculations for the Authorization Header". */
const keys = {
  accessKey: new Secret('env:A', 'AKIAIOSFODNN7EXAMPLE'),
  secretKey: new Secret('env:S', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  region: 'us-east-1',
};
const nowMs = Date.UTC(2013, 4, 24);
const host = 'examplebucket.s3.amazonaws.com';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test.each([
  [
    'GET an object',
    { method: 'GET', path: '/test.txt', headers: { host, range: 'bytes=0-9' }, payload: EMPTY },
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'PUT an object whose name has a character that is encoded',
    {
      method: 'PUT',
      path: '/test%24file.text',
      headers: { host, date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      payload: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'GET with a query that has no value',
    { method: 'GET', path: '/?lifecycle', headers: { host }, payload: EMPTY },
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'GET with a query',
    { method: 'GET', path: '/?prefix=J&max-keys=2', headers: { host }, payload: EMPTY },
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])('%s is signed as the specification shows', (_what, request, signature) => {
  expect(signed(request, keys, nowMs).authorization).toContain(`Signature=${signature}`);
});
