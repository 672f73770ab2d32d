/** Offline packages as the lab's stand-in for dce5-installer reads them: one image, one file, one chart. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes one in a folder; what is in it says its version. */
export function putPackage(folder: string, version: string): void {
  mkdirSync(join(folder, 'images'), { recursive: true });
  mkdirSync(join(folder, 'files', 'v2.28.1'), { recursive: true });
  mkdirSync(join(folder, 'charts'));
  writeFileSync(join(folder, 'files', 'v2.28.1', 'kubelet'), `kubelet ${version}`);
  const chart = join(folder, 'kpanda');
  mkdirSync(chart);
  writeFileSync(join(chart, 'Chart.yaml'), `apiVersion: v2\nname: kpanda\nversion: 0.1.0-${version}\n`);
  const tgz = join(folder, 'charts', `kpanda-0.1.0-${version}.tgz`);
  execFileSync('tar', ['-czf', tgz, '-C', folder, 'kpanda/Chart.yaml']);
  mkdirSync(join(folder, 'sample'));
  writeFileSync(join(folder, 'sample', 'manifest.yaml'), 'components: {}\n');
  putImage(join(folder, 'images', 'kpanda'), version);
  writeFileSync(join(folder, 'images', 'list'), `kpanda daocloud/kpanda:${version}\n`);
}

/** An OCI image layout (image-layout.md) with one layer. */
function putImage(folder: string, version: string): void {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const blob = (content: string | Buffer, mediaType: string) => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(folder, 'blobs', 'sha256', hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  };
  const layer = blob(
    execFileSync('sh', ['-c', `echo ${version} > /dev/null; tar -c -T /dev/null`]),
    'application/vnd.oci.image.layer.v1.tar',
  );
  const config = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    config: { Labels: { version } },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: blob(JSON.stringify(config), 'application/vnd.oci.image.config.v1+json'),
    layers: [layer],
  };
  const index = { schemaVersion: 2, manifests: [blob(JSON.stringify(manifest), manifest.mediaType)] };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}
