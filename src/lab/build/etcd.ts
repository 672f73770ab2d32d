/** etcd and etcdctl from Debian's packages: fetched and unpacked, not installed, so nothing starts on this machine. */
import { script } from '../../hosts/shell.ts';
import type { Recipe } from './recipe.ts';

const VERSION = '3.4.23';

/** The recipe of `holdfast lab build etcd`. */
export const etcd: Recipe = {
  name: 'etcd',
  version: VERSION,
  programs: [
    { name: 'etcd', askVersion: ['--version'] },
    { name: 'etcdctl', askVersion: ['version'] },
  ],
  tools: { 'apt-get': 'apt', 'dpkg-deb': 'dpkg', flock: 'util-linux' },
  neededBytes: 256 * 1024 ** 2,
  stages: [
    {
      name: 'download',
      script: () =>
        script(`rm -rf download.new
mkdir download.new
cd download.new
apt-get -q -o APT::Sandbox::User=root download etcd-server etcd-client
cd ..
rm -rf download
mv download.new download`),
      failure: {
        code: 'lab-build/no-download',
        hint: 'Check the network and the mirror (`apt-get update`). Behind a proxy, set Acquire::http::Proxy in /etc/apt/apt.conf.d.',
      },
    },
    {
      name: 'unpack',
      script: () =>
        script(`rm -rf tree bin
mkdir -p bin.new
for package in download/*.deb; do dpkg-deb -x "$package" tree; done
cp tree/usr/bin/etcd tree/usr/bin/etcdctl bin.new
mv bin.new bin`),
      failure: { code: 'lab-build/failed', hint: 'Read the log, then begin anew with --force.' },
    },
  ],
};
