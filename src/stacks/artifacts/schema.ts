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
import { port } from '../../site/values.ts';

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

const registry = z.strictObject(service({ scheme: 'https', port: 443, path: '/v2/' }));

const compare = z.union([
  z.literal(false),
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

const files = z.strictObject({
  ...service({ scheme: 'http', port: 9000, path: '/minio/health/live' }),
  compare: say(
    compare.prefault({ bucket: 'kubean' }),
    'How the files of two members are compared; false: not at all.',
    '如何比较两个成员上的文件；false 表示不比较。',
  ),
});

const charts = z.strictObject(service({ scheme: 'http', port: 8081, path: '/index.yaml' }));

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
      z.union([off, registry]).prefault({}),
      'The OCI registry; false: none.',
      'OCI 镜像仓库；false 表示没有。',
    ),
    files: say(
      z.union([off, files]).prefault({}),
      'Files over HTTP; false: none.',
      'HTTP 文件服务；false 表示没有。',
    ),
    charts: say(
      z.union([off, charts]).prefault({}),
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
export type RegistrySpec = z.infer<typeof registry>;
export type FilesSpec = z.infer<typeof files>;
export type ServiceSpec = RegistrySpec;
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
