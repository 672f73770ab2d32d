import { defineReasons } from '../../../base/reason.ts';
import type { Rule } from '../../../site/rule.ts';
import { artifactsOf } from './artifacts-of.ts';

const reasons = defineReasons({
  'artifacts/files-not-compared': {
    en: "the files of '{stack}' are served but never compared, and '{endpoint}' fails back by itself",
    zh: '“{stack}”提供文件却从不比较，而“{endpoint}”会自动回切',
  },
  'artifacts/compare-them': {
    en: 'Say how with `files.compare` (bucket, index or list), or take the way back by hand with `failback: manual`.',
    zh: '请用 `files.compare`（bucket、index 或 list）说明比较方式，或用 `failback: manual` 改为人工回切。',
  },
});

/** A failback that may lose files. */
export const filesNotCompared: Rule = {
  id: 'HF304',
  name: 'files-not-compared',
  severity: 'warning',
  title: { en: 'Files are not compared before a failback', zh: '回切前未比较文件' },
  explanation: {
    en: 'While the standby leads, somebody may upload to it. A failback to a member that lacks those files turns them into "404 Not Found" in the middle of an installation. Images and charts can be compared without being told how; files need a bucket, an index or a list.',
    zh: '备用节点担任主节点期间，可能有人向其上传文件。若回切到缺少这些文件的成员，安装过程中就会出现“404 Not Found”。镜像和 chart 无需说明即可比较，文件则需要指明存储桶、索引或列表。',
  },
  reasons,
  *check(site) {
    for (const { stack, endpoint } of artifactsOf(site)) {
      const { files } = stack.spec;
      if (files === false || files.compare !== false) continue;
      if (endpoint === undefined || endpoint.failback.mode !== 'auto') continue;
      yield {
        path: ['stacks', stack.name, 'files', 'compare'],
        because: reasons.of('artifacts/files-not-compared', { stack: stack.name, endpoint: endpoint.name }),
        hint: reasons.of('artifacts/compare-them'),
      };
    }
  },
};
