import { defineErrors } from '../../base/error-table.ts';

/** What can go wrong in `holdfast demo`. */
export const demoErrors = defineErrors({
  'demo/no-program': {
    en: {
      what: 'A program that the demo needs could not be started.',
      mend: 'Check that the program is installed and may be executed.',
    },
    zh: { what: '演示所需的程序无法启动。', mend: '请检查该程序是否已安装且可执行。' },
  },
  'demo/not-served': {
    en: {
      what: 'A server of the demo did not begin to serve in time.',
      mend: 'Run the demo again with --verbose to see what the server said.',
    },
    zh: {
      what: '演示中的服务器未在时限内开始服务。',
      mend: '请加 --verbose 重新运行演示，查看服务器的输出。',
    },
  },
  'demo/not-shown': {
    en: {
      what: 'The client was not served as the demo wants to show it.',
      mend: 'Please report this with the timeline that was printed.',
    },
    zh: { what: '客户端得到的服务与演示所要展示的不符。', mend: '请附上所打印的时间线报告此问题。' },
  },
  'demo/push-failed': {
    en: {
      what: 'The registry of the demo refused an upload.',
      mend: 'Run the demo again; if it happens each time, please report it.',
    },
    zh: { what: '演示中的镜像仓库拒绝了上传。', mend: '请重新运行演示；若每次都如此，请报告。' },
  },
  'demo/unfit-example': {
    en: {
      what: 'The site file for the demo does not describe a pair of artifact servers behind one name.',
      mend: 'Restore examples/dce5-bootstrap/site.yaml, or pass another pair with --site.',
    },
    zh: {
      what: '演示用的站点文件没有描述同一域名下的一对制品服务器。',
      mend: '请恢复 examples/dce5-bootstrap/site.yaml，或用 --site 指定其他文件。',
    },
  },
  'demo/waited-in-vain': {
    en: {
      what: 'Something that the demo waits for did not happen in time.',
      mend: 'Run the demo again with --verbose; on a machine that is very busy, give it a quiet moment.',
    },
    zh: {
      what: '演示所等待的事件未在时限内发生。',
      mend: '请加 --verbose 重新运行演示；机器繁忙时，请稍后再试。',
    },
  },
});
