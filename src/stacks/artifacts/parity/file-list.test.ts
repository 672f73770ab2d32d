import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseChecksums, parseS3Listing } from './file-list.ts';

const hex = 'ab'.repeat(32);

describe('a list of checksums', () => {
  test('is what sha256sum writes, odd names included', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-sums-'));
    try {
      const names = ['plain.tar', 'with space.iso', 'back\\slash', 'new\nline', '中文.txt'];
      for (const name of names) writeFileSync(join(folder, name), name);
      const text = execFileSync('sha256sum', names, { cwd: folder, encoding: 'utf8' });
      const files = parseChecksums(text, '/files/SHA256SUMS');
      expect([...(files?.keys() ?? [])].map((path) => decodeURIComponent(path))).toEqual(
        names.map((name) => `/files/${name}`),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('names files relative to its own folder, binary mark and dot left out', () => {
    const text = `${hex} *a.tar\r\n${hex.toUpperCase()}  ./sub/b.tar\n# made by hand\n\n`;
    expect(parseChecksums(text, '/x/sums.txt')).toEqual(
      new Map([
        ['/x/a.tar', { digest: `sha256:${hex}` }],
        ['/x/sub/b.tar', { digest: `sha256:${hex}` }],
      ]),
    );
  });

  test('is refused where a line is something else', () => {
    expect(parseChecksums(`${hex}  a\n<html>`, '/s')).toBeUndefined();
    expect(parseChecksums('d41d8cd98f00b204e9800998ecf8427e  a', '/s')).toBeUndefined();
  });
});

describe('an S3 listing', () => {
  const page = (more: string, contents: string) =>
    `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>kubean</Name>${more}${contents}</ListBucketResult>`;
  const object = (key: string, etag: string, size: number) =>
    `<Contents><Key>${key}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>${etag}</ETag><Size>${size}</Size></Contents>`;

  test('gives objects by path with ETag and size, entities and odd characters resolved', () => {
    const xml = page(
      '<IsTruncated>false</IsTruncated>',
      object('a b/c&amp;d+e.tar', '&quot;0123456789abcdef0123456789abcdef&quot;', 42) +
        object('folder/', '&#34;x&#34;', 0),
    );
    expect(parseS3Listing(xml, 'kubean')).toEqual({
      files: new Map([
        ['/kubean/a%20b/c%26d%2Be.tar', { etag: '"0123456789abcdef0123456789abcdef"', sizeBytes: 42 }],
      ]),
    });
  });

  test('tells where the next page begins', () => {
    const xml = page(
      '<IsTruncated>true</IsTruncated><NextContinuationToken>abc=</NextContinuationToken>',
      '',
    );
    expect(parseS3Listing(xml, 'kubean')).toEqual({ files: new Map(), next: 'abc=' });
  });

  test('is refused where it is something else, or says that there is more and not where', () => {
    expect(parseS3Listing('<html></html>', 'kubean')).toBeUndefined();
    expect(parseS3Listing('<Error><Code>AccessDenied</Code></Error>', 'kubean')).toBeUndefined();
    expect(parseS3Listing(page('<IsTruncated>true</IsTruncated>', ''), 'kubean')).toBeUndefined();
  });
});
