/**
 * What an artifacts stack serves on each member. The defaults are those of a DCE 5.0 bootstrap node, from its
 * clusterConfig.yaml: `spec.tinderKind.registryPort: 443` (TLS, self-signed), `minioServerPort: 9000` (plain HTTP,
 * bucket `kubean`, which kubean's import script opens for anonymous reading and listing) and
 * `chartmuseumPort: 8081`.
 */
import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { authSchema } from '../../probes/args/http-args.ts';
import { tlsFields } from '../../probes/args/tls-args.ts';
import { say } from '../../site/described.ts';
import { port, secretRef } from '../../site/values.ts';

const urlPath = z
  .string()
  .regex(/^\/[\x21-\x7e]*$/, 'expected a path that begins with / and is percent-encoded');

/** Where a service is on each member, and how it is trusted. */
function service(d: { scheme: 'http' | 'https'; port: number; path: string }) {
  return {
    scheme: say(z.enum(['http', 'https']).default(d.scheme), 'Plain HTTP or TLS.', '明文 HTTP 或 TLS。'),
    port: say(port().default(d.port), 'Port on each member.', '每个成员上的端口。'),
    path: say(
      urlPath.default(d.path),
      'Path that says whether the service is well.',
      '用于判断服务是否正常的路径。',
    ),
    auth: say(authSchema.optional(), 'Credentials, by reference.', '凭据（以引用方式给出）。'),
    ...tlsFields,
  };
}

export const registrySpec = z.strictObject({
  ...service({ scheme: 'https', port: 443, path: '/v2/' }),
  deletes: say(
    z.boolean().default(false),
    'The registry allows deletes (docker-registry: `storage.delete.enabled`), so that a sync can be rolled back.',
    '镜像仓库允许删除（docker-registry 的 `storage.delete.enabled`），因此同步可以回滚。',
  ),
});

const folder = say(
  z.string().regex(/^\/[^\0\n]*$/, 'expected an absolute path'),
  'Folder on the host that the server serves; written over SSH.',
  '主机上由服务器对外提供的目录；通过 SSH 写入。',
);
export const fileWriteSchema = z.union([
  z.strictObject({
    s3: say(
      z.strictObject({
        accessKey: say(secretRef(), 'Access key, by reference.', '访问密钥（引用）。'),
        secretKey: say(secretRef(), 'Secret key, by reference.', '私有密钥（引用）。'),
        region: say(
          z.string().min(1).default('us-east-1'),
          'Region; MinIO: us-east-1.',
          '区域；MinIO 为 us-east-1。',
        ),
      }),
      'By the S3 API (MinIO), signed with these keys.',
      '通过 S3 API（MinIO）写入，用这些密钥签名。',
    ),
  }),
  z.strictObject({
    folder,
    at: say(urlPath.default('/'), 'Path under which the server serves it.', '服务器提供该目录的路径。'),
  }),
]);
export const chartWriteSchema = z.union([
  z.strictObject({
    chartmuseum: say(urlPath, "Path of ChartMuseum's API.", 'ChartMuseum API 的路径。'),
  }),
  z.strictObject({ folder }),
]);

export const compareSchema = z.union([
  z.strictObject({
    bucket: say(
      z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of an S3 bucket'),
      'S3 bucket (MinIO) whose objects are listed and compared.',
      '要列出并比较其对象的 S3 存储桶（MinIO）。',
    ),
    prefix: say(
      z.string().default(''),
      'Only objects whose key begins with this.',
      '只比较以此为前缀的对象。',
    ),
  }),
  z.strictObject({
    index: say(
      urlPath,
      'File with lines of `<sha256>  <name>`, as sha256sum writes them; names are relative to it.',
      '内容为 `<sha256>  <文件名>` 的文件（sha256sum 的输出格式），文件名相对于它所在目录。',
    ),
  }),
  z.strictObject({
    list: say(z.array(urlPath).min(1), 'Paths of the files.', '各文件的路径。'),
  }),
]);

export const filesSpec = z.strictObject({
  ...service({ scheme: 'http', port: 9000, path: '/minio/health/live' }),
  compare: say(
    z.union([z.literal(false), compareSchema]).prefault({ bucket: 'kubean' }),
    'How the files of two members are compared; false: not at all.',
    '如何比较两个成员上的文件；false 表示不比较。',
  ),
  write: say(
    fileWriteSchema.optional(),
    'How a sync writes files; absent: it does not.',
    '同步如何写入文件；未填写则不写入。',
  ),
});

export const chartsSpec = z.strictObject({
  ...service({ scheme: 'http', port: 8081, path: '/index.yaml' }),
  write: say(
    chartWriteSchema.prefault({ chartmuseum: '/api/charts' }),
    'How a sync writes charts.',
    '同步如何写入 chart。',
  ),
});

const off = z.literal(false);
const parity = z.strictObject({
  depth: say(
    z.enum(['digests', 'parts']).default('parts'),
    'digests: each tag leads to the same digest. parts: every layer and every chart package is there too.',
    'digests：各标签的摘要相同；parts：还要求每个镜像层和每个 chart 包都存在。',
  ),
  concurrency: say(
    z.int().min(1).max(64).default(8),
    'How many requests at once to each member.',
    '对每个成员同时发出的请求数。',
  ),
  timeout: say(
    durationSchema({ minMs: 1_000 }).prefault('10m'),
    'How long a comparison may take.',
    '一次比较的时限。',
  ),
});

export const artifactsSpec = z
  .strictObject({
    registry: say(
      z.union([off, registrySpec]).prefault({}),
      'The OCI registry; false: none.',
      'OCI 镜像仓库；false 表示没有。',
    ),
    files: say(
      z.union([off, filesSpec]).prefault({}),
      'Files over HTTP; false: none.',
      'HTTP 文件服务；false 表示没有。',
    ),
    charts: say(
      z.union([off, chartsSpec]).prefault({}),
      'The Helm chart repository; `path` is its index. false: none.',
      'Helm chart 仓库，`path` 为其索引；false 表示没有。',
    ),
    parity: say(
      parity.prefault({}),
      'What a member must hold before it may lead again.',
      '成员重新成为主节点之前必须具备的内容。',
    ),
  })
  .superRefine(({ registry: images, files: plain, charts: helm }, ctx) => {
    if (images !== false || plain !== false || helm !== false) return;
    ctx.addIssue({
      code: 'custom',
      message: 'serves nothing: at least one of registry, files and charts is needed',
    });
  });

export type ArtifactsSpec = z.infer<typeof artifactsSpec>;
export type RegistrySpec = z.infer<typeof registrySpec>;
export type FilesSpec = z.infer<typeof filesSpec>;
export type ChartsSpec = z.infer<typeof chartsSpec>;
export type ServiceSpec = Omit<RegistrySpec, 'deletes'>;
export type ParitySpec = z.infer<typeof parity>;
export type ServiceName = 'registry' | 'files' | 'charts';

/** The services that a spec has, in the order in which they are probed. */
export function servicesOf(spec: ArtifactsSpec): [ServiceName, ServiceSpec][] {
  const all: [ServiceName, false | ServiceSpec][] = [
    ['registry', spec.registry],
    ['files', spec.files],
    ['charts', spec.charts],
  ];
  return all.filter((pair): pair is [ServiceName, ServiceSpec] => pair[1] !== false);
}
