# Makes two Debian packages on the host that it runs on, the second of which the first needs, and a repository of them
# that apt reads from a folder: there is no way to another one from a lab.
set -eu
repository=/opt/repository
mkdir -p "$repository"
build() { # name, version, what it depends on; its files are in ./name
  mkdir -p "$1/DEBIAN"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Test <test@example.com>\nDescription: of a test\n' \
    "$1" "$2" >"$1/DEBIAN/control"
  [ -z "${3-}" ] || printf 'Depends: %s\n' "$3" >>"$1/DEBIAN/control"
  dpkg-deb --root-owner-group -b "$1" "$repository/$1_$2_all.deb" >/dev/null
}
cd "$(mktemp -d)"
mkdir -p greeter-words/usr/share/greeter greeter/usr/lib/systemd/system
echo 'good evening' >greeter-words/usr/share/greeter/words
cat >greeter/usr/lib/systemd/system/greeter.service <<'UNIT'
[Unit]
Description=Says good evening on port 7777
[Service]
ExecStart=/usr/bin/socat TCP-LISTEN:7777,fork,reuseaddr OPEN:/usr/share/greeter/words,rdonly
SuccessExitStatus=143
[Install]
WantedBy=multi-user.target
UNIT
build greeter-words 1.0
build greeter 1.0 greeter-words
cd "$repository"
for package in *.deb; do
  dpkg-deb -f "$package"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$package" "$(stat -c %s "$package")" \
    "$(sha256sum <"$package" | cut -d ' ' -f 1)"
done >Packages
# The only source: Debian's own cannot be reached.
echo "deb [trusted=yes] file:$repository ./" >/etc/apt/sources.list
