import { defineErrors } from '../base/error-table.ts';

/** Everything that can go wrong between Holdfast and a host: on the way, with who is who, with a command, with a file. */
export const hostErrors = defineErrors({
  'host/unreachable': {
    en: {
      what: 'The host does not answer at its address and port.',
      mend: 'Check the address, the network on the way (firewall, VPN, jump host) and that the machine runs.',
    },
    zh: {
      what: '主机在其地址和端口上没有应答。',
      mend: '请检查地址、途经的网络（防火墙、VPN、跳板机）以及机器是否在运行。',
    },
  },
  'host/refused': {
    en: {
      what: 'The host, or a jump host on the way, answered and refused the connection or the session.',
      mend: 'Check that sshd listens on the port, and MaxStartups, MaxSessions and AllowTcpForwarding in its sshd_config.',
    },
    zh: {
      what: '主机（或途经的跳板机）有应答，但拒绝了连接或会话。',
      mend: '请检查 sshd 是否监听该端口，以及 sshd_config 中的 MaxStartups、MaxSessions 和 AllowTcpForwarding。',
    },
  },
  'host/not-ssh': {
    en: {
      what: 'What answers at the port does not speak SSH 2.',
      mend: 'Correct `port`; `ssh-keyscan` shows what answers there.',
    },
    zh: {
      what: '该端口上的服务不是 SSH 2。',
      mend: '请更正 `port`；`ssh-keyscan` 可显示该端口上的实际服务。',
    },
  },
  'host/no-common-algorithm': {
    en: {
      what: 'The server offers no key exchange, host key, cipher or MAC that Holdfast takes: what is left is too weak to be trusted.',
      mend: 'Update sshd there (OpenSSH 6.5 or later), or loosen the algorithm lists in its sshd_config.',
    },
    zh: {
      what: '服务器提供的密钥交换、主机密钥、加密或 MAC 算法均不被接受：剩下的算法过弱，不可信任。',
      mend: '请升级该主机的 sshd（OpenSSH 6.5 及以上），或放宽其 sshd_config 中的算法列表。',
    },
  },
  'host/lost': {
    en: {
      what: 'The connection broke while a command was under way: whether the command ended is not known.',
      mend: 'Check host and network, then `holdfast resume`: the state is checked again before anything is repeated.',
    },
    zh: {
      what: '命令执行期间连接中断：无法得知命令是否已结束。',
      mend: '请检查主机和网络，然后运行 `holdfast resume`：重复任何操作之前都会重新检查状态。',
    },
  },
  'host/unknown-name': {
    en: {
      what: 'A host is meant that the site file does not have, or whose name does not resolve.',
      mend: 'Add it under `hosts`, correct the name, or write its IP address as `address`.',
    },
    zh: {
      what: '所指主机不在站点文件中，或其名称无法解析。',
      mend: '请在 `hosts` 下添加该主机、更正名称，或在 `address` 中填写 IP 地址。',
    },
  },
  'host/jump-loop': {
    en: {
      what: 'The jump hosts lead in a circle, so the host can never be reached.',
      mend: 'Remove `jump` from one of these hosts, or ProxyJump in ~/.ssh/config.',
    },
    zh: {
      what: '跳板机形成环路，永远无法到达该主机。',
      mend: '请去掉其中一台主机的 `jump`，或 ~/.ssh/config 中的 ProxyJump。',
    },
  },
  'host/key-unknown': {
    en: {
      what: 'Nobody has said which key the host has; without it, anybody could answer in its place.',
      mend: "Compare the fingerprint on the host's console, then add the key to known_hosts or as `hostKey` to the site file.",
    },
    zh: {
      what: '主机密钥未知：未经核对，任何人都可能冒充该主机应答。',
      mend: '请在主机控制台上核对指纹，然后将密钥加入 known_hosts，或作为 `hostKey` 写入站点文件。',
    },
  },
  'host/key-changed': {
    en: {
      what: 'The host shows another key than the known one: it was reinstalled, or somebody is in between. The connection is refused.',
      mend: "Compare the fingerprint on the host's console. Only if it is right, replace the old key; otherwise do not go on.",
    },
    zh: {
      what: '主机出示的密钥与已知密钥不一致：主机可能已重装，也可能有人在中间冒充。连接已被拒绝。',
      mend: '请在主机控制台上核对指纹；确认无误后才可替换旧密钥，否则不要继续。',
    },
  },
  'host/key-revoked': {
    en: {
      what: 'The host shows a key that is marked as revoked: its private half may have leaked.',
      mend: 'Give the host a new key, or remove the @revoked line if it was a mistake.',
    },
    zh: {
      what: '主机出示的密钥已被标记为吊销：其私钥可能已泄露。',
      mend: '请为主机更换新密钥；若吊销有误，请删除相应的 @revoked 行。',
    },
  },
  'host/key-unsupported': {
    en: {
      what: 'The host is trusted through a certificate authority only, which Holdfast does not check.',
      mend: "Add the host's own key to known_hosts or as `hostKey` to the site file.",
    },
    zh: {
      what: '该主机仅通过证书颁发机构受信任，而 Holdfast 不支持这种校验。',
      mend: '请将主机自身的密钥加入 known_hosts，或作为 `hostKey` 写入站点文件。',
    },
  },
  'host/known-hosts-unreadable': {
    en: {
      what: 'The known_hosts file cannot be read, so no host key can be checked.',
      mend: 'Mend its permissions, or name another file as `knownHosts` in the site file.',
    },
    zh: {
      what: 'known_hosts 文件无法读取，因此无法校验任何主机密钥。',
      mend: '请修正其权限，或在站点文件中以 `knownHosts` 指定其他文件。',
    },
  },
  'host/ssh-config-unreadable': {
    en: {
      what: 'The OpenSSH client configuration cannot be read or understood.',
      mend: 'Mend the file, or say how to reach the host in the site file (`address`, `port`, `user`, `jump`).',
    },
    zh: {
      what: 'OpenSSH 客户端配置无法读取或无法理解。',
      mend: '请修正该文件，或在站点文件中写明如何到达主机（`address`、`port`、`user`、`jump`）。',
    },
  },
  'host/auth-failed': {
    en: {
      what: 'The host let none of our keys, agents or passwords in.',
      mend: 'Check `user`, and add the public key to authorized_keys there, or name another `identity` or `password` reference.',
    },
    zh: {
      what: '主机拒绝了所有可用的密钥、代理和密码。',
      mend: '请检查 `user`，将公钥加入该主机的 authorized_keys，或另行指定 `identity` 或 `password` 引用。',
    },
  },
  'host/sudo-refused': {
    en: {
      what: 'The user could log in, but may not become root.',
      mend: 'Set `sudo: nopasswd` or `sudo: {password: env:NAME}` as the host wants it, or log in as root.',
    },
    zh: {
      what: '用户可以登录，但无法成为 root。',
      mend: '请按主机的要求设置 `sudo: nopasswd` 或 `sudo: {password: env:NAME}`，或直接以 root 登录。',
    },
  },
  'host/timeout': {
    en: {
      what: 'A command took longer than it was given, and was killed.',
      mend: 'Run it on the host by hand to see what it waits for; raise the time limit if it is merely slow.',
    },
    zh: {
      what: '命令超出时限，已被终止。',
      mend: '请在主机上手工运行，查看它在等待什么；若只是较慢，请放宽时限。',
    },
  },
  'host/not-started': {
    en: {
      what: 'The shell for a command could not be started on this machine.',
      mend: 'Check PATH and that processes and memory are to be had (`ulimit -u`, `free`).',
    },
    zh: {
      what: '无法在本机启动执行命令的 shell。',
      mend: '请检查 PATH，以及进程数和内存是否充足（`ulimit -u`、`free`）。',
    },
  },
  'host/output-too-large': {
    en: {
      what: 'A command printed more than Holdfast keeps in memory, and was killed.',
      mend: 'Ask for less: filter on the host, or read the file in parts.',
    },
    zh: {
      what: '命令输出超过 Holdfast 在内存中保留的上限，已被终止。',
      mend: '请减少输出：在主机上过滤，或分段读取文件。',
    },
  },
  'host/facts-broken-off': {
    en: {
      what: 'The answers of the host to the questions about its state broke off in the middle.',
      mend: 'Try again; if it happens each time, see the evidence with --verbose.',
    },
    zh: {
      what: '收集主机现状时，主机的回答中途中断。',
      mend: '请重试；若每次都如此，请用 --verbose 查看证据。',
    },
  },
  'host/fact-unreadable': {
    en: {
      what: 'What the host says about itself cannot be understood, so nothing is decided on it.',
      mend: 'See the whole output with --verbose; if the host is sound, please report it.',
    },
    zh: {
      what: '主机关于自身状态的回答无法理解，因此不据此做任何决定。',
      mend: '请用 --verbose 查看完整输出；若主机正常，请报告此问题。',
    },
  },
  'host/bad-path': {
    en: {
      what: 'This is no path of a file on a host.',
      mend: 'Write the path from the root, e.g. /etc/hosts, without a slash at its end.',
    },
    zh: { what: '这不是主机上文件的有效路径。', mend: '请从根目录写起，例如 /etc/hosts，末尾不带斜杠。' },
  },
  'host/disk-full': {
    en: {
      what: "There is no space left on the host's file system; the old file is untouched.",
      mend: 'Free some space there: `df -h` and `df -i` show what is used, quotas included.',
    },
    zh: {
      what: '主机的文件系统空间不足；原文件未被改动。',
      mend: '请在该主机上腾出空间：`df -h` 和 `df -i` 显示用量，注意配额。',
    },
  },
  'host/read-only': {
    en: {
      what: 'The file system on the host is mounted read-only.',
      mend: 'If it should be writable, look in `dmesg` for why it was remounted; otherwise choose another path.',
    },
    zh: {
      what: '主机上的文件系统以只读方式挂载。',
      mend: '若本应可写，请在 `dmesg` 中查看为何被重新挂载；否则请选择其他路径。',
    },
  },
  'host/no-permission': {
    en: {
      what: 'The user may not do this to the file.',
      mend: 'Let Holdfast become root there (`sudo:`); as root, look for `lsattr` +i and SELinux (`ausearch -m avc`).',
    },
    zh: {
      what: '用户无权对该文件执行此操作。',
      mend: '请允许 Holdfast 在该主机上成为 root（`sudo:`）；若已是 root，请检查 `lsattr` 的 +i 属性和 SELinux（`ausearch -m avc`）。',
    },
  },
  'host/no-such-folder': {
    en: {
      what: 'The folder of the file does not exist on the host.',
      mend: 'Make the folder first, or check the path for a typing error.',
    },
    zh: { what: '该文件所在的目录在主机上不存在。', mend: '请先创建目录，或检查路径是否有误。' },
  },
  'host/not-a-file': {
    en: {
      what: 'Something other than a regular file stands at the path; it is left as it is.',
      mend: 'Look at each part of the path with `ls -ld`, and move away what is not needed.',
    },
    zh: {
      what: '该路径上不是普通文件；已保持原样。',
      mend: '请用 `ls -ld` 查看路径的每一级，将不需要的内容移走。',
    },
  },
  'host/not-empty': {
    en: {
      what: "The folder is not empty, and what is in it is not Holdfast's to remove.",
      mend: 'See what is in it; remove that first if nobody needs it.',
    },
    zh: {
      what: '目录不为空，其中的内容不应由 Holdfast 删除。',
      mend: '请查看其中内容；若无人需要，请先将其删除。',
    },
  },
  'host/file-busy': {
    en: {
      what: 'The file is a mount point of its own or in use, and cannot be replaced.',
      mend: 'A file that a container runtime mounts (as /etc/hosts in a container) must be changed where it comes from.',
    },
    zh: {
      what: '该文件是独立的挂载点或正在使用，无法替换。',
      mend: '由容器运行时挂载的文件（如容器内的 /etc/hosts）必须在其来源处修改。',
    },
  },
  'host/unknown-owner': {
    en: {
      what: 'The host does not know the user, the group or the mode that the file is to have.',
      mend: 'Create user and group first, or correct the names (`getent passwd`, `getent group`); write the mode in octal.',
    },
    zh: {
      what: '主机不认识文件应有的用户、组或权限模式。',
      mend: '请先创建用户和组，或更正名称（`getent passwd`、`getent group`）；权限模式请用八进制书写。',
    },
  },
  'host/cut-short': {
    en: {
      what: 'The content did not arrive whole; nothing was changed.',
      mend: 'Try again; if it happens twice, look for a broken network path to the host.',
    },
    zh: { what: '内容未能完整送达；未做任何改动。', mend: '请重试；若再次发生，请检查到该主机的网络路径。' },
  },
  'host/file-failed': {
    en: {
      what: 'The host could not do what was asked of a file, for a reason that Holdfast does not know.',
      mend: 'See what the host said with --verbose, and try the same there by hand.',
    },
    zh: {
      what: '主机未能完成对文件的操作，原因未知。',
      mend: '请用 --verbose 查看主机的输出，并在该主机上手工尝试同样的操作。',
    },
  },
});
