import { defineErrors } from '../base/error-table.ts';

/** Everything that can go wrong in `src/dns`. */
export const dnsErrors = defineErrors({
  'dns/bad-name': {
    en: {
      what: 'This text is no domain name (RFC 1035 §2.3.4, §5.1).',
      mend: 'Write the name as in a zone file, e.g. www.example.com.',
    },
    zh: {
      what: '该文本不是域名（RFC 1035 §2.3.4、§5.1）。',
      mend: '请按区域文件的写法书写，例如 www.example.com。',
    },
  },
  'dns/bad-rdata': {
    en: {
      what: 'This text is no data of its record type.',
      mend: 'Write the data as in a zone file, the TTL in seconds.',
    },
    zh: { what: '该文本不是其记录类型的有效数据。', mend: '请按区域文件的写法书写数据，TTL 以秒为单位。' },
  },
  'dns/bad-key': {
    en: {
      what: 'The TSIG key cannot be used.',
      mend: 'Make one with `tsig-keygen`, and put its base64 secret where the reference points.',
    },
    zh: {
      what: 'TSIG 密钥无法使用。',
      mend: '请用 `tsig-keygen` 生成密钥，并将其 base64 内容放到引用所指的位置。',
    },
  },
  'dns/malformed': {
    en: {
      what: 'A DNS packet breaks its own format (RFC 1035 section 4).',
      mend: 'The peer is broken, or this is no DNS server: check address and port.',
    },
    zh: {
      what: 'DNS 报文不符合格式（RFC 1035 第 4 节）。',
      mend: '对端有故障，或不是 DNS 服务器：请检查地址和端口。',
    },
  },
  'dns/too-large': {
    en: {
      what: 'A message does not fit into the 65,535 bytes of DNS over TCP.',
      mend: 'Split the change or the records into smaller ones.',
    },
    zh: { what: '消息超出 DNS over TCP 的 65535 字节上限。', mend: '请将变更或记录拆分为更小的部分。' },
  },
  'dns/timeout': {
    en: {
      what: 'The DNS server did not answer in time.',
      mend: 'Check that it runs, and that no firewall drops UDP or TCP to its port.',
    },
    zh: {
      what: 'DNS 服务器未在时限内应答。',
      mend: '请检查其是否在运行，以及防火墙是否丢弃到该端口的 UDP 或 TCP 报文。',
    },
  },
  'dns/unreachable': {
    en: {
      what: 'The DNS server cannot be reached, or hung up.',
      mend: 'Check its address and port, and that it runs.',
    },
    zh: { what: '无法连接 DNS 服务器，或连接被其中断。', mend: '请检查其地址和端口，以及是否在运行。' },
  },
  'dns/untrusted-answer': {
    en: {
      what: 'The answer is not to our question, is not signed, or is signed wrongly; it is not believed.',
      mend: "Something may answer in the server's place: look at the packets with tcpdump, and at the log of the server.",
    },
    zh: {
      what: '应答与查询不符、未签名或签名错误，不予采信。',
      mend: '可能有其他程序冒充该服务器应答：请用 tcpdump 查看报文，并查看服务器日志。',
    },
  },
  'dns/update-refused': {
    en: {
      what: 'The DNS server refused the update, or did not accept our signature.',
      mend: 'Allow updates by this key on the server, and compare key name, algorithm, secret and clocks; see its log.',
    },
    zh: {
      what: 'DNS 服务器拒绝了更新，或不接受签名。',
      mend: '请在服务器上允许该密钥执行更新，核对密钥名称、算法、内容和两端时钟，并查看服务器日志。',
    },
  },
  'dns/update-lost-race': {
    en: {
      what: 'Somebody else changed the records between the look and the update; nothing was changed.',
      mend: 'Look at the records, then decide again.',
    },
    zh: { what: '在读取与更新之间，记录已被他人修改；未做任何改动。', mend: '请查看记录，然后重新决定。' },
  },
  'dns/bad-zone': {
    en: {
      what: 'The records of the zone contradict each other, so it is not served.',
      mend: 'Mend the records that are named.',
    },
    zh: { what: '区域的记录相互矛盾，因此不提供服务。', mend: '请修正所指出的记录。' },
  },
  'dns/listen': {
    en: {
      what: 'The DNS server cannot listen on its address and port.',
      mend: 'Stop what listens there (often systemd-resolved or BIND), or choose another address or port.',
    },
    zh: {
      what: 'DNS 服务无法监听其地址和端口。',
      mend: '请停止占用该端口的程序（常见为 systemd-resolved 或 BIND），或改用其他地址或端口。',
    },
  },
});
