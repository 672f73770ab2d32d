# Builds the root of a lab host. Run by base-image.ts in mount and PID namespaces of its own, as
#   sh base-image.sh FOLDER SUITE MIRROR SOURCES APT-OPTIONS PACKAGE…
# SOURCES and APT-OPTIONS are files: the machine's own package sources and apt's own way to reach them.
set -e
root=$1 suite=$2 mirror=$3 sources=$4 options=$5
shift 5
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

echo "== debootstrap $suite"
debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror"

echo "== packages"
# No service may start while it is installed: the processes would be this machine's.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cp "$sources" "$root/etc/apt/sources.list"
cp "$options" "$root/etc/apt/apt.conf.d/00lab"
mount -t proc proc "$root/proc"
chroot "$root" apt-get update -qq
chroot "$root" apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-unsafe-io "$@"
chroot "$root" apt-get clean
rm -rf "$root"/var/lib/apt/lists/* "$root/etc/apt/apt.conf.d/00lab" "$root/usr/sbin/policy-rc.d"
umount "$root/proc"

echo "== units"
# All services off but sshd and the network; what a container has no use for is masked.
cat >"$root/etc/systemd/system/lab-network.service" <<'UNIT'
[Unit]
Description=Addresses of the lab host
DefaultDependencies=no
After=systemd-sysctl.service
Before=network-pre.target network.target shutdown.target
Wants=network.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/ip -batch /etc/lab/network

[Install]
WantedBy=sysinit.target
UNIT
mkdir -p "$root/etc/systemd/system-preset"
preset=$root/etc/systemd/system-preset/00-lab.preset
printf 'enable ssh.service\nenable lab-network.service\ndisable *\n' >"$preset"
chroot "$root" systemctl preset-all 2>/dev/null
rm "$preset"
chroot "$root" systemctl set-default multi-user.target
chroot "$root" systemctl mask console-getty.service systemd-logind.service systemd-update-utmp.service \
  systemd-update-utmp-runlevel.service dev-hugepages.mount systemd-tmpfiles-clean.timer

echo "== settings"
# The default key exchange (sntrup761) costs ten times the CPU, and a look-up of the client's name would only time out.
cat >"$root/etc/ssh/sshd_config.d/lab.conf" <<'SSHD'
UseDNS no
KexAlgorithms ^curve25519-sha256
HostKey /etc/ssh/ssh_host_ed25519_key
MaxStartups 200
MaxSessions 100
SSHD
rm -f "$root"/etc/ssh/ssh_host_*
: >"$root/etc/machine-id"
: >"$root/etc/resolv.conf"
: >"$root/etc/hostname"
mkdir -p "$root/var/log/journal"
rm -rf "$root"/var/cache/apt/* "$root"/var/log/apt/* "$root"/var/log/dpkg.log "$root"/usr/share/doc/* "$root"/usr/share/man/*
echo "== done"
