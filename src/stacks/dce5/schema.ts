/**
 * What the site file says of a DCE 5.0 installation: what its `clusterConfig.yaml` needs beside what the endpoint says
 * already (name, original, standby). Defaults are the vendor's sample (runbook, "Example of a well-defined
 * clusterConfig file"); where a file exists on the host, what the site leaves out stays as it is there.
 */
import { z } from 'zod';
import { durationSchema } from '../../base/zod-duration.ts';
import { absolutePath } from '../../engine/steps/parts/arguments.ts';
import { say } from '../../site/described.ts';
import { ipAddress, port, secretRef } from '../../site/values.ts';

/** The tools of "Install Dependencies" in the vendor's documentation; `mc` is the MinIO client. */
export const TOOLS = ['podman', 'helm', 'skopeo', 'kind', 'kubectl', 'yq', 'mc', 'charts-syncer'] as const;

/** What the runbook's samples have. */
export const SAMPLE = {
  clusterName: 'my-cluster',
  isoPath: '/home/CentOS-79-x86_64-DVD-2009.iso',
  osPackagePath: '/home/os-pkgs-centos7-v0.4.8.tar.gz',
} as const;

const masterNode = z.strictObject({
  nodeName: say(z.string().min(1), 'Name of the node in the cluster.', '节点在集群中的名称。'),
  ip: say(ipAddress(), 'Its address.', '节点地址。'),
  ansibleUser: say(
    z.string().min(1).default('root'),
    'Whom the installer logs in as.',
    '安装器登录所用的用户。',
  ),
  ansiblePass: say(
    secretRef(),
    'Password, by reference; it is written into the 0600 clusterConfig.yaml on the host and nowhere else.',
    '密码（以引用方式给出）；只会写入主机上权限为 0600 的 clusterConfig.yaml。',
  ),
});

const osRepos = z.strictObject({
  isoPath: say(
    absolutePath().default(SAMPLE.isoPath),
    'ISO image of the operating system, on the original; it is copied to the standby.',
    '原火种节点上的操作系统 ISO；会复制到备用节点。',
  ),
  osPackagePath: say(
    absolutePath().default(SAMPLE.osPackagePath),
    'Package of operating system packages, on the original; it is copied to the standby.',
    '原火种节点上的操作系统软件包；会复制到备用节点。',
  ),
});

export const dce5Spec = z.strictObject({
  package: say(
    absolutePath(),
    'The unpacked offline package on the original (`fullPackagePath`). Change it and run `holdfast upgrade` to upgrade.',
    '原火种节点上解压后的离线包（`fullPackagePath`）。升级时修改此项并执行 `holdfast upgrade`。',
  ),
  config: say(
    absolutePath().default('/etc/dce5/clusterConfig.yaml'),
    'Where clusterConfig.yaml is on each node. Outside the package, so that an upgrade goes on with it.',
    '各节点上 clusterConfig.yaml 的位置。不放在离线包内，以便升级时沿用。',
  ),
  installer: say(
    absolutePath().optional(),
    'The installer. Default: `dce5-installer` in the package.',
    '安装器。默认为离线包中的 `dce5-installer`。',
  ),
  manifest: say(
    absolutePath().optional(),
    'The manifest. Default: `sample/manifest.yaml` in the package.',
    'manifest 文件。默认为离线包中的 `sample/manifest.yaml`。',
  ),
  clusterName: say(
    z.string().min(1).optional(),
    `Name of the cluster. Default: what the file on the host says, else \`${SAMPLE.clusterName}\`.`,
    `集群名称。默认沿用主机上文件的内容，否则为 \`${SAMPLE.clusterName}\`。`,
  ),
  masterNodes: say(
    z.array(masterNode).default([]),
    'Master nodes of the global cluster. Default: what the file on the host says.',
    '全局服务集群的 master 节点。默认沿用主机上文件的内容。',
  ),
  osRepos: say(
    osRepos.optional(),
    'Where the operating system packages come from. Default: what the file on the original says; where it has no file yet, the sample.',
    '操作系统软件包的来源。默认沿用原节点上文件的内容；尚无文件时为厂商示例。',
  ),
  tools: say(
    z.array(z.string().regex(/^[\w.+-]+$/, 'expected the name of a program')).default([...TOOLS]),
    'Programs that the installer needs on both nodes.',
    '两个节点上安装器所需的程序。',
  ),
  ports: say(
    z.array(port()).min(1).default([443, 9000, 8081]),
    'Ports on which an installed node serves images, files and charts.',
    '已安装节点提供镜像、文件和 chart 服务的端口。',
  ),
  timeout: say(
    durationSchema({ minMs: 60_000, maxMs: 86_400_000 }).prefault('6h'),
    'How long one run of the installer may take.',
    '安装器一次运行的时限。',
  ),
});

export type Dce5Spec = z.infer<typeof dce5Spec>;
