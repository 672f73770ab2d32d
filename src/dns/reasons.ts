import { defineReasons } from '../base/reason.ts';

/** What is wrong with a zone or a zone file, and what to do about it. */
export const dnsReasons = defineReasons({
  'dns-zone-no-soa': { en: 'the zone {zone} has no SOA record', zh: '区域 {zone} 没有 SOA 记录' },
  'dns-zone-no-soa-hint': {
    en: 'Begin the zone with one SOA record at its top.',
    zh: '请在区域的顶端写一条 SOA 记录。',
  },
  'dns-zone-many-soa': {
    en: 'the zone {zone} has {count} SOA records',
    zh: '区域 {zone} 有 {count} 条 SOA 记录',
  },
  'dns-zone-many-soa-hint': { en: 'Keep one SOA record only.', zh: '只保留一条 SOA 记录。' },
  'dns-zone-soa-not-at-top': {
    en: '{name} has an SOA record, but the zone is {zone}',
    zh: '{name} 有 SOA 记录，但该区域是 {zone}',
  },
  'dns-zone-soa-not-at-top-hint': {
    en: 'Move the SOA record to {zone}, or give the zone its right name.',
    zh: '请把 SOA 记录移到 {zone}，或者改正区域的名称。',
  },
  'dns-zone-no-ns': { en: 'the zone {zone} has no NS record', zh: '区域 {zone} 没有 NS 记录' },
  'dns-zone-no-ns-hint': {
    en: 'Add an NS record at the top of the zone that names its server.',
    zh: '请在区域顶端添加指明其服务器的 NS 记录。',
  },
  'dns-zone-outside': { en: '{name} lies outside the zone {zone}', zh: '{name} 不在区域 {zone} 之内' },
  'dns-zone-outside-hint': {
    en: 'Often a final dot is missing or too many: names without one are taken below the origin.',
    zh: '常见原因是结尾多写或漏写了点：没有结尾点的名称会接在 origin 之后。',
  },
  'dns-zone-cname-and-other': {
    en: '{name} has a CNAME record and others ({types})',
    zh: '{name} 既有 CNAME 记录又有其他记录（{types}）',
  },
  'dns-zone-cname-and-other-hint': {
    en: 'A name with a CNAME can have nothing else (RFC 1034, 3.6.2): remove one or the other.',
    zh: '有 CNAME 的名称不能再有其他记录（RFC 1034 第 3.6.2 节）：请去掉其中一种。',
  },
  'dns-zone-many-cname': { en: '{name} has {count} {type} records', zh: '{name} 有 {count} 条 {type} 记录' },
  'dns-zone-many-cname-hint': { en: 'Keep one of them.', zh: '只保留其中一条。' },
  'dns-zone-below-dname': {
    en: '{name} lies below the DNAME record of {dname}',
    zh: '{name} 位于 {dname} 的 DNAME 记录之下',
  },
  'dns-zone-below-dname-hint': {
    en: 'A DNAME redirects everything below it (RFC 6672): remove the record or the DNAME.',
    zh: 'DNAME 会重定向其下的一切（RFC 6672）：请去掉该记录或 DNAME。',
  },
  'dns-zone-target-without-address': {
    en: 'the server {target} of {name} has no address in the zone',
    zh: '{name} 的服务器 {target} 在区域内没有地址',
  },
  'dns-zone-target-without-address-hint': {
    en: 'Add an A or AAAA record for {target}.',
    zh: '请为 {target} 添加 A 或 AAAA 记录。',
  },
  'dns-zone-target-is-alias': {
    en: 'the {type} record of {name} points at {target}, which is an alias',
    zh: '{name} 的 {type} 记录指向 {target}，而它是别名',
  },
  'dns-zone-target-is-alias-hint': {
    en: 'Name the host that has the addresses (RFC 2181, 10.3).',
    zh: '请写真正拥有地址的主机名（RFC 2181 第 10.3 节）。',
  },
  'dns-zone-many-ttls': {
    en: 'the {type} records of {name} have different TTLs; {ttl} is used',
    zh: '{name} 的 {type} 记录 TTL 不一致，采用 {ttl}',
  },
  'dns-zone-many-ttls-hint': {
    en: 'Give all records of one name and type the same TTL (RFC 2181, 5.2).',
    zh: '同一名称、同一类型的记录应使用相同的 TTL（RFC 2181 第 5.2 节）。',
  },
  'dns-file-syntax': { en: 'expected {expected}, got {got}', zh: '应为 {expected}，实际为 {got}' },
  'dns-file-syntax-hint': {
    en: 'Write the record as: name TTL IN type data (RFC 1035, 5.1).',
    zh: '记录的写法：名称 TTL IN 类型 数据（RFC 1035 第 5.1 节）。',
  },
  'dns-file-open-quote': { en: 'the quotation has no end on its line', zh: '引号在本行没有结束' },
  'dns-file-open-quote-hint': {
    en: 'Close it with ", or write \\" for a quote inside.',
    zh: '请用 `"` 结束，其中的引号写作 `\\"`。',
  },
  'dns-file-parenthesis': { en: 'a parenthesis has no partner', zh: '括号没有配对' },
  'dns-file-parenthesis-hint': {
    en: 'Parentheses let one record run over several lines: each ( needs one ).',
    zh: '括号用于把一条记录写成多行：每个 `(` 都要有一个 `)`。',
  },
  'dns-file-no-owner': { en: 'the first record has no name before it', zh: '第一条记录前面没有名称' },
  'dns-file-no-owner-hint': {
    en: 'A line that starts with a space repeats the name above it; write the name, or @.',
    zh: '以空格开头的行沿用上一行的名称；请写出名称或 @。',
  },
  'dns-file-no-ttl': {
    en: 'the record has no TTL, and there is no $TTL above it',
    zh: '记录没有 TTL，其上也没有 $TTL',
  },
  'dns-file-no-ttl-hint': {
    en: 'Begin the file with $TTL, e.g. $TTL 1m.',
    zh: '请在文件开头写 $TTL，例如 $TTL 1m。',
  },
  'dns-file-directive': {
    en: 'the directive {directive} is not taken here',
    zh: '此处不接受指令 {directive}',
  },
  'dns-file-directive-hint': {
    en: '$ORIGIN, $TTL and, where the caller can read files, $INCLUDE are understood. Write $GENERATE out.',
    zh: '支持 $ORIGIN、$TTL，以及在调用方能读取文件时的 $INCLUDE。$GENERATE 请展开书写。',
  },
  'dns-file-include': {
    en: 'the included file {file} cannot be read: {why}',
    zh: '无法读取包含的文件 {file}：{why}',
  },
  'dns-file-include-hint': {
    en: 'Check its path and that it does not include itself.',
    zh: '请检查路径，并确认它没有包含自身。',
  },
  'dns-file-too-many': { en: 'and more findings, which are not listed', zh: '还有更多问题，未一一列出' },
  'dns-file-too-many-hint': { en: 'Mend those above first.', zh: '请先修正以上问题。' },
});
