import { defineReasons } from '../base/reason.ts';

/** What the loader says about a file: the text, its keys, its values. */
export const loadReasons = defineReasons({
  'not-utf-8': {
    en: 'the file is not UTF-8 from here on',
    zh: '文件从这里开始不是有效的 UTF-8 编码',
  },
  'save-as-utf-8': {
    en: 'Save it as UTF-8; a Chinese file from Windows is often GBK: iconv -f GBK -t UTF-8.',
    zh: '请另存为 UTF-8；Windows 上的中文文件常为 GBK，可用 iconv -f GBK -t UTF-8 转换。',
  },
  'is-utf-16': {
    en: 'the file is UTF-16, expected UTF-8',
    zh: '文件是 UTF-16 编码，应为 UTF-8',
  },
  'yaml-empty': { en: 'the file says nothing', zh: '文件是空的' },
  'run-init': {
    en: 'Run `holdfast init` to have a commented site file written.',
    zh: '运行 `holdfast init` 可生成带注释的站点文件。',
  },
  'yaml-many-documents': {
    en: 'a second document starts here; one file describes one site',
    zh: '这里开始了第二个文档；一个文件只描述一个站点',
  },
  'split-documents': {
    en: 'Move what follows `---` into a file of its own.',
    zh: '请把 `---` 之后的内容移到单独的文件。',
  },
  'yaml-too-deep': {
    en: 'values are nested deeper than any site needs',
    zh: '嵌套层数超出了任何站点所需',
  },
  'yaml-too-much': {
    en: 'aliases blow this file up to more than {most} values',
    zh: '别名展开后超过 {most} 个值',
  },
  'fewer-aliases': {
    en: 'Do not let anchors stand for anchors that stand for anchors.',
    zh: '不要让锚点层层引用其他锚点。',
  },
  'yaml-tab': { en: 'a tab is used for indentation', zh: '使用了制表符缩进' },
  'use-spaces': {
    en: 'YAML allows spaces only: replace the tab by two spaces.',
    zh: 'YAML 只允许空格缩进：请把制表符换成两个空格。',
  },
  'yaml-indent': {
    en: 'this line is indented differently from its neighbours',
    zh: '此行的缩进与相邻行不一致',
  },
  'align-keys': {
    en: 'Keys of one mapping start in the same column.',
    zh: '同一映射中的键必须从同一列开始。',
  },
  'yaml-nested': {
    en: 'a second `key:` stands inside this value, or the line is indented too far',
    zh: '该值内出现了第二个 `键:`，或此行缩进过深',
  },
  'quote-or-break': {
    en: 'Put a value that holds `: ` in quotes; start a nested mapping on its own line.',
    zh: '含有 `: ` 的值请加引号；嵌套的映射请另起一行。',
  },
  'yaml-no-colon': {
    en: 'this line has no `key: value`',
    zh: '此行不是 `键: 值` 的形式',
  },
  'add-colon': {
    en: 'Add the colon and a space after it, or remove the line.',
    zh: '请补上冒号及其后的空格，或删除此行。',
  },
  'yaml-unclosed': {
    en: 'a quote or bracket is opened but not closed',
    zh: '引号或括号没有闭合',
  },
  'close-it': { en: 'Close it on the same line.', zh: '请在同一行闭合。' },
  'yaml-reserved': {
    en: 'a plain value cannot start with this character (@, `, % and the like)',
    zh: '未加引号的值不能以此字符开头（如 @、`、%）',
  },
  'quote-it': { en: 'Put the value in quotes.', zh: '请给该值加上引号。' },
  'yaml-alias': { en: 'no anchor of that name stands above', zh: '上文没有这个名称的锚点' },
  'define-anchor': {
    en: 'Define it with `&name` before using `*name`; a text that starts with * needs quotes.',
    zh: '请先用 `&名称` 定义再用 `*名称` 引用；以 * 开头的文本需要加引号。',
  },
  'yaml-alias-of-itself': {
    en: 'the anchor {name} contains itself',
    zh: '锚点 {name} 包含了自身',
  },
  'yaml-anchors': { en: 'a value has two anchors', zh: '一个值有两个锚点' },
  'one-anchor': { en: 'Keep one of them.', zh: '请只保留一个。' },
  'yaml-tag': { en: 'tags such as !name have no meaning here', zh: '这里不支持 `!name` 之类的标签' },
  'drop-tag': { en: 'Remove the tag.', zh: '请删除该标签。' },
  'yaml-merge': { en: '<< merges something that is no mapping', zh: '<< 合并的不是映射' },
  'merge-mapping': {
    en: 'Give it a mapping or a list of mappings: `<<: *defaults`.',
    zh: '请给出一个映射或映射列表：`<<: *defaults`。',
  },
  'yaml-key': { en: 'a key must be plain text', zh: '键必须是普通文本' },
  'plain-key': { en: 'Write `key: value`.', zh: '请写成 `键: 值`。' },
  'yaml-other': { en: 'this is not valid YAML: {message}', zh: '不是有效的 YAML:{message}' },
  'fix-yaml': { en: 'Mend the line; nothing below it was read.', zh: '请修正此行；其后的内容未被读取。' },
  'duplicate-key': { en: "'{key}' stands here a second time", zh: '“{key}”在此重复出现' },
  'keep-one-key': {
    en: 'Keep one of them: the other would be lost without a word.',
    zh: '请只保留一个：否则另一个会被悄悄丢弃。',
  },
  'unknown-key': { en: "unknown key '{key}'", zh: '未知的键“{key}”' },
  'rename-key': { en: 'Choose another name.', zh: '请换一个名称。' },
  'did-you-mean': { en: "Did you mean '{meant}'?", zh: '是否想写“{meant}”？' },
  'allowed-keys': { en: 'Allowed here: {keys}.', zh: '此处允许的键：{keys}。' },
  'no-keys-here': { en: 'Nothing can be set here.', zh: '此处没有可设置的键。' },
  'missing-key': { en: "'{key}' is missing", zh: '缺少“{key}”' },
  'add-key': { en: 'Add `{key}:`.', zh: '请添加 `{key}:`。' },
  'add-key-example': { en: 'Add `{example}`.', zh: '请添加 `{example}`。' },
  'expected-text': { en: 'expected text, got {got}', zh: '应为文本，实际为 {got}' },
  'expected-number': { en: 'expected a number, got {got}', zh: '应为数字，实际为 {got}' },
  'expected-whole': { en: 'expected a whole number, got {got}', zh: '应为整数，实际为 {got}' },
  'expected-boolean': { en: 'expected true or false, got {got}', zh: '应为 true 或 false，实际为 {got}' },
  'expected-list': { en: 'expected a list, got {got}', zh: '应为列表，实际为 {got}' },
  'expected-mapping': {
    en: 'expected a mapping (`key: value` lines), got {got}',
    zh: '应为映射（若干行 `键: 值`），实际为 {got}',
  },
  'expected-text-or-mapping': {
    en: 'expected text or a mapping (`key: value` lines), got {got}',
    zh: '应为文本或映射（若干行 `键: 值`），实际为 {got}',
  },
  'expected-text-or-list': { en: 'expected text or a list, got {got}', zh: '应为文本或列表，实际为 {got}' },
  'expected-longer': { en: 'expected at least {bound} characters', zh: '至少需要 {bound} 个字符' },
  'expected-shorter': { en: 'expected at most {bound} characters', zh: '最多允许 {bound} 个字符' },
  'expected-any-of': { en: 'expected {expected}, got {got}', zh: '应为 {expected}，实际为 {got}' },
  'expected-one-of': { en: 'expected one of {values}, got {got}', zh: '应为 {values} 之一，实际为 {got}' },
  'expected-value': { en: 'expected {values}, got {got}', zh: '应为 {values}，实际为 {got}' },
  'expected-at-least': { en: 'expected at least {bound}, got {got}', zh: '应不小于 {bound}，实际为 {got}' },
  'expected-at-most': { en: 'expected at most {bound}, got {got}', zh: '应不大于 {bound}，实际为 {got}' },
  'expected-more-items': {
    en: 'expected at least {bound} of them, got {got}',
    zh: '至少需要 {bound} 项，实际为 {got}',
  },
  'expected-fewer-items': {
    en: 'expected at most {bound} of them, got {got}',
    zh: '最多允许 {bound} 项，实际为 {got}',
  },
  'expected-format': { en: 'expected {format}, got {got}', zh: '应为 {format}，实际为 {got}' },
  'expected-duration': {
    en: 'expected a duration with its unit, such as 250ms, 2s or 1h30m, got {got}',
    zh: '应为带单位的时长，如 250ms、2s、1h30m，实际为 {got}',
  },
  'write-duration': {
    en: 'Write {seconds} for seconds or {millis} for milliseconds.',
    zh: '秒请写 {seconds}，毫秒请写 {millis}。',
  },
  'duration-units': { en: 'Units are ms, s, m, h, d and w.', zh: '单位有 ms、s、m、h、d、w。' },
  'refused-value': { en: '{message}', zh: '{message}' },
  'mend-value': { en: 'Change the value.', zh: '请修改该值。' },
  'quote-number': {
    en: 'YAML reads it as something else than text: put it in quotes.',
    zh: 'YAML 没有把它读作文本：请加上引号。',
  },
  'write-list': { en: 'Write `[a, b]`, or one `- item` a line.', zh: '请写成 `[a, b]`，或每行一个 `- 项`。' },
  'write-mapping': { en: 'Write `key: value` lines, indented below.', zh: '请在下方缩进书写 `键: 值`。' },
  'bad-key-name': { en: "'{key}' cannot be a name here", zh: '“{key}”不能用作名称' },
  'name-letters': {
    en: 'Names are letters (Chinese ones too), digits, `-`, `_` and `.`, and start and end with a letter or digit.',
    zh: '名称由字母（含中文）、数字、`-`、`_`、`.` 组成，并以字母或数字开头和结尾。',
  },
  'not-an-address': {
    en: 'expected an IPv4 or IPv6 address or a host name, got {got}',
    zh: '应为 IPv4、IPv6 地址或主机名，实际为 {got}',
  },
  'not-an-ip': {
    en: 'expected an IPv4 or IPv6 address, got {got}',
    zh: '应为 IPv4 或 IPv6 地址，实际为 {got}',
  },
  'ip-forms': {
    en: 'Like 192.0.2.10 or 2001:db8::10, without brackets, port or prefix length.',
    zh: '形如 192.0.2.10 或 2001:db8::10，不带方括号、端口或前缀长度。',
  },
  'not-a-dns-name': { en: 'expected a DNS name, got {got}', zh: '应为 DNS 域名，实际为 {got}' },
  'dns-name-form': {
    en: 'Labels of letters, digits and `-`, up to 63 characters each, such as registry.example.com.',
    zh: '各标签由字母、数字和 `-` 组成，每段不超过 63 个字符，例如 registry.example.com。',
  },
  'not-a-host-key': {
    en: 'expected a public host key such as `ssh-ed25519 AAAA…`',
    zh: '应为主机公钥，例如 `ssh-ed25519 AAAA…`',
  },
  'get-host-key': {
    en: 'Take it from /etc/ssh/ssh_host_ed25519_key.pub on the host itself, not over the network.',
    zh: '请在主机本地的 /etc/ssh/ssh_host_ed25519_key.pub 中获取，不要通过网络获取。',
  },
  'plain-text-password': {
    en: 'a password stands here in plain text',
    zh: '此处的密码是明文',
  },
  'use-reference': {
    en: 'Name it by reference: env:NAME, file:/path or sealed:/path#key. Then change the password: it has been in a file.',
    zh: '请用引用代替：`env:名称`、`file:/路径` 或 `sealed:/路径#键`。随后请更换该密码，因为它已写入过文件。',
  },
  'unknown-host': { en: "there is no host '{name}' in this site", zh: '本站点没有主机“{name}”' },
  'unknown-endpoint': { en: "there is no endpoint '{name}' in this site", zh: '本站点没有端点“{name}”' },
  'unknown-driver': { en: "there is no driver '{name}'", zh: '没有驱动“{name}”' },
  'unknown-stack': { en: "there is no stack kind '{name}'", zh: '没有栈类型“{name}”' },
  'unknown-probe': { en: "there is no probe kind '{name}'", zh: '没有探测类型“{name}”' },
  'known-names': { en: 'Known: {names}.', zh: '可用：{names}。' },
  'none-known': { en: 'None is defined.', zh: '尚未定义任何一个。' },
  'member-twice': { en: "host '{name}' is a member twice", zh: '主机“{name}”重复成为成员' },
  'probe-name-twice': { en: "two probes are named '{name}'", zh: '两个探测同名：“{name}”' },
  'keep-one': { en: 'Keep one of them.', zh: '请只保留一个。' },
  'name-one': { en: 'Give one of them another `name:`.', zh: '请给其中一个设置不同的 `name:`。' },
  'zone-without-origin': {
    en: 'this file does not say which zone it is; named.conf does',
    zh: '该文件没有说明自己是哪个区域；named.conf 中才有',
  },
  'file-unreadable': { en: "cannot read '{path}': {why}", zh: '无法读取“{path}”：{why}' },
  'check-path': {
    en: 'Paths are relative to the folder of the site file.',
    zh: '路径相对于站点文件所在的目录。',
  },
});
