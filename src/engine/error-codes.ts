import { defineErrors } from '../base/error-table.ts';

/** What the engine itself finds wrong with a plan, a step or a host. */
export const engineErrors = defineErrors({
  'engine/bad-plan': {
    en: {
      what: 'The plan contradicts itself: no person made this mistake, and nothing of it is executed.',
      mend: 'This is a defect of the procedure, driver or stack that made the plan: please report it with the site file.',
    },
    zh: {
      what: '计划自相矛盾：这不是人为错误，计划的任何部分都不会执行。',
      mend: '这是生成该计划的规程、驱动或栈的缺陷：请附上站点文件报告。',
    },
  },
  'engine/bad-args': {
    en: {
      what: 'A step has arguments that its kind does not take.',
      mend: 'Plan again: the plan was changed by hand, or made by another version of Holdfast.',
    },
    zh: {
      what: '步骤的参数不被其类型接受。',
      mend: '请重新生成计划：该计划曾被手工修改，或由其他版本的 Holdfast 生成。',
    },
  },
  'engine/unknown-host': {
    en: {
      what: 'The plan or the run works on a host that the site file no longer has.',
      mend: 'Put the host back into the site file, so that Holdfast knows how to reach it.',
    },
    zh: {
      what: '计划或运行涉及的主机已不在站点文件中。',
      mend: '请将该主机加回站点文件，使 Holdfast 知道如何到达它。',
    },
  },
  'engine/step-refused': {
    en: {
      what: 'A step found its host in a state in which it cannot be done, and changed nothing.',
      mend: 'Mend what the step names, then run `holdfast resume`, or `holdfast rollback` to go back.',
    },
    zh: {
      what: '步骤发现主机的状态使其无法执行，未做任何改动。',
      mend: '请修正步骤所指出的问题，然后运行 `holdfast resume`，或用 `holdfast rollback` 回退。',
    },
  },
  'engine/world-moved': {
    en: {
      what: 'A host is no longer as it was when the plan was shown, so the plan is not what would happen. The step changed nothing.',
      mend: 'Plan again and look at what changed, or `holdfast rollback` to go back.',
    },
    zh: {
      what: '主机已与展示计划时不同，计划不再等于将要发生的变更。该步骤未做任何改动。',
      mend: '请重新生成计划并查看变化，或用 `holdfast rollback` 回退。',
    },
  },
  'engine/undo-not-data': {
    en: {
      what: 'What is needed to undo a step cannot be kept in the journal, so the step was not begun.',
      mend: 'This is a defect of the step kind: please report it.',
    },
    zh: {
      what: '撤销步骤所需的内容无法写入日志，因此该步骤未开始。',
      mend: '这是该步骤类型的缺陷：请报告。',
    },
  },
  'engine/plan-unreadable': {
    en: {
      what: 'The file is no plan that can be applied: it is damaged, was edited, or comes from another version.',
      mend: 'Make it again with `holdfast plan -o <file>`; a plan is not to be edited by hand.',
    },
    zh: {
      what: '该文件不是可执行的计划：已损坏、被手工修改，或来自其他版本。',
      mend: '请用 `holdfast plan -o <file>` 重新生成；计划不应手工编辑。',
    },
  },
  'engine/lock-impossible': {
    en: {
      what: 'The lock on the host can be neither made nor removed; without it, two operators could collide.',
      mend: 'Let the user become root (`sudo:`), free the disk, or name a writable path with --lock-file, the same for all operators.',
    },
    zh: {
      what: '主机上的锁既无法建立也无法删除；没有锁，两位操作者可能相互冲突。',
      mend: '请允许用户成为 root（`sudo:`）、腾出磁盘空间，或用 --lock-file 指定可写路径（所有操作者须一致）。',
    },
  },
});
