import { defineErrors } from '../../base/error-table.ts';
import { type ErrorOptions, HoldfastError } from '../../base/errors.ts';

/** What can go wrong in asking a member what it holds, and in giving it what it lacks. */
export const artifactsErrors = defineErrors({
  'artifacts/unreachable': {
    en: {
      what: "The member's service cannot be reached, so it is not known what it holds.",
      mend: 'Check that the service runs and that this machine may reach its port.',
    },
    zh: {
      what: '无法连接该成员的服务，因此不知道它拥有哪些内容。',
      mend: '请检查服务是否在运行，以及本机能否访问其端口。',
    },
  },
  'artifacts/untrusted': {
    en: {
      what: "The certificate of the member's service is not to be trusted.",
      mend: 'Name the CA with `caFile`, pin the certificate with `fingerprint`, or accept any with `insecure: true`.',
    },
    zh: {
      what: '该成员服务的证书不可信任。',
      mend: '请用 `caFile` 指定 CA、用 `fingerprint` 固定证书，或用 `insecure: true` 接受任意证书。',
    },
  },
  'artifacts/refused': {
    en: {
      what: 'The member\'s service answered with a status that is neither what was asked for nor "there is none".',
      mend: 'Give credentials that may pull and list, or see the log of the service.',
    },
    zh: {
      what: '该成员的服务返回的状态既不是所请求的内容，也不是“不存在”。',
      mend: '请提供有权拉取和列出的凭据，或查看服务日志。',
    },
  },
  'artifacts/not-understood': {
    en: {
      what: "The answer is not what the service's specification says.",
      mend: 'Check with curl what is served there: this may be a proxy or a web page.',
    },
    zh: { what: '应答不符合该服务的规范。', mend: '请用 curl 查看该处的实际内容：可能是代理或网页。' },
  },
  'artifacts/too-large': {
    en: {
      what: 'The answer is larger than any honest one, and was not read on.',
      mend: 'Check with curl what is served under that path.',
    },
    zh: { what: '应答超出合理大小，已停止读取。', mend: '请用 curl 查看该路径下的实际内容。' },
  },
  'artifacts/foreign-token-service': {
    en: {
      what: 'The registry gets its tokens from elsewhere: credentials would go to a machine that is not the member.',
      mend: 'Let each member serve its own tokens, or use HTTP Basic credentials.',
    },
    zh: {
      what: '该镜像仓库的令牌来自别处：凭据将被发送到并非该成员的机器。',
      mend: '请让每个成员自行提供令牌服务，或使用 HTTP Basic 凭据。',
    },
  },
  'artifacts/digest-mismatch': {
    en: {
      what: 'What a member sends is not what its digest says: it is damaged, or was changed. It was not copied.',
      mend: 'Mend it where it comes from (push or upload it again), or copy it from a member where it is whole.',
    },
    zh: {
      what: '成员发出的内容与其摘要不符：内容已损坏或被篡改，因此未复制。',
      mend: '请在来源处修复（重新推送或上传），或从内容完好的成员复制。',
    },
  },
  'artifacts/not-taken': {
    en: {
      what: 'The member did not take what was sent to it.',
      mend: 'See its answer and its log: full disk, read-only mode, or credentials that may not write.',
    },
    zh: {
      what: '该成员未接受发送给它的内容。',
      mend: '请查看其应答和日志：磁盘已满、只读模式，或凭据没有写权限。',
    },
  },
  'artifacts/copy-failed': {
    en: {
      what: 'Some things could not be copied; all others were.',
      mend: 'Mend what is named, then `holdfast resume`: what is there already is not sent again.',
    },
    zh: {
      what: '部分内容未能复制，其余均已复制。',
      mend: '请修复所列内容，然后执行 `holdfast resume`：已存在的内容不会重复发送。',
    },
  },
});

/** A failure in asking a member what it holds, or in giving it what it lacks. */
export class ArtifactsError extends HoldfastError<keyof typeof artifactsErrors> {
  /** The address that was asked: it tells a silent candidate from a silent active member. */
  readonly address: string;

  constructor(o: ErrorOptions<keyof typeof artifactsErrors> & { readonly address: string }) {
    super(o);
    this.address = o.address;
  }
}
