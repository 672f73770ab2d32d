/** What a rollback has to bring back on a lab host, as text: equal before and after, or a diff that says what is not. */
import type { Lab } from '../src/lab/lab.ts';

/**
 * Every file of /etc, /srv, /usr/local and of the systemd units in /usr/lib with its mode, owner and content; what
 * systemd, the kernel and dpkg say. Left out: copies that Holdfast keeps for a rollback, what dpkg and systemd write
 * whenever they run, and the links in /etc/rc?.d: `systemctl disable` puts those in order, which in the image they are
 * not.
 */
const PICTURE = `
everything() {
  find /etc /srv /opt /usr/local /usr/share/greeter /usr/lib/systemd/system /var/lib/holdfast \
    ! -path '*.holdfast-old*' ! -path '/etc/rc[0-6S].d/*' ! -path /var/lib/holdfast ! -name ld.so.cache \
    ! -name .pwd.lock "$@" 2>/dev/null
}
everything -printf '%p %M %u:%g %l\\n' | sort
everything -type f -print0 | sort -z | xargs -0 sha256sum
for unit in nginx greeter named; do
  echo "$unit: $(systemctl is-active $unit) $(systemctl is-enabled $unit 2>/dev/null)"
done
sysctl net.ipv4.ip_forward net.core.somaxconn
dpkg-query -W -f '\${db:Status-Abbrev}\${Package} \${Version}\\n' | grep ^ii
`;

/** Takes the picture of a host that is on. */
export async function pictureOf(lab: Lab, host: string): Promise<string> {
  const { stdout } = await lab.exec(host, PICTURE);
  return stdout;
}
