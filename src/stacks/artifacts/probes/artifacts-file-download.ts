/** Downloads one small file as a client does, and holds it against what the list of files says of it. */
import { formatBytes } from '../../../base/bytes.ts';
import { authorization } from '../../../probes/wire/authorization.ts';
import { markOf, refused } from '../http/existence.ts';
import { type FileSource, listBucket, readChecksums } from '../parity/file-parity.ts';
import type { Mark } from '../parity/mark.ts';
import { type FilesSpec, filesSpec } from '../schema.ts';
import { byName } from '../sync/difference.ts';
import { fetchWhole } from '../trial/fetch-whole.ts';
import { LOOKED_AT, trialProbe } from '../trial/trial-probe.ts';

interface ListedFile {
  readonly name: string;
  readonly mark: Mark;
}

/** See the top of this file. The file: of a bucket the smallest; else the smallest of the first names. */
export const artifactsFileDownload = trialProbe<FilesSpec>({
  kind: 'artifacts-file-download',
  summary: {
    en: 'a small file can be downloaded, with the checksum or size that the list of files gives',
    zh: '可以下载一个小文件，其校验和或大小与文件列表一致',
  },
  args: filesSpec,
  verb: 'download a small file from',
  expected: 'the whole file, with the checksum or size that is known of it',
  async fetch(client, { auth, compare }, ctx) {
    if (compare === false) return undefined;
    const headers = auth === undefined ? {} : { authorization: await authorization(auth, ctx) };
    const file = smallest(await candidates({ client, headers }, compare));
    if (file === undefined) return undefined;
    const { name, mark } = file;
    // Only S3 promises an MD5 with its ETag; of other servers it may be any text.
    const { etag, ...other } = mark;
    const promised = 'bucket' in compare ? mark : other;
    const { bytes, by } = await fetchWhole(client, name, { what: `file ${name}`, promised, headers });
    return { what: `file ${name}`, got: `${formatBytes(bytes)}, ${CHECKED[by]}` };
  },
});

const CHECKED = {
  'SHA-256': 'SHA-256 as listed',
  MD5: 'MD5 as listed',
  size: 'size as listed, no checksum known',
  length: 'to its end, no checksum and no size known',
};

/** @throws ArtifactsError where the list is missing, or one of the first files that it names is */
async function candidates(
  source: FileSource,
  how: Exclude<FilesSpec['compare'], false>,
): Promise<ListedFile[]> {
  if ('bucket' in how) return [...(await listBucket(source, how))].map(([name, mark]) => ({ name, mark }));
  const listed = 'index' in how ? await readChecksums(source, how.index) : new Map<string, Mark>();
  if (listed === undefined && 'index' in how) throw refused(source.client, how.index, 404);
  const names = 'index' in how ? [...(listed ?? [])].map(([name]) => name) : how.list;
  return Promise.all(
    names
      .toSorted()
      .slice(0, LOOKED_AT)
      .map(async (name) => {
        const there = await markOf(source.client, name, source.headers);
        if (there === undefined) throw refused(source.client, name, 404);
        return { name, mark: { ...there, ...listed?.get(name) } };
      }),
  );
}

/** An empty file says nothing: it is taken where there is no other. */
function smallest(files: readonly ListedFile[]): ListedFile | undefined {
  const sizeOf = ({ mark }: ListedFile): number => mark.sizeBytes || Number.MAX_SAFE_INTEGER;
  return files.toSorted((a, b) => sizeOf(a) - sizeOf(b) || byName(a, b))[0];
}
