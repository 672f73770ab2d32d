import { describe, expect, test } from 'vitest';
import { fakeIo } from '../../../test/fake-io.ts';
import { Scenario, testEndpoint, testPolicy } from '../../../test/watch-scenario.ts';
import { type Reason, renderReason } from '../../base/reason.ts';
import { reasons } from '../../watch/reasons.ts';
import { type EndpointStatus, statusOfEndpoint, type WatchStatus } from '../../watch/status.ts';
import { renderStatus } from './watch-status.ts';
import { columns, pad, widthOf } from './width.ts';

const tables = [reasons, { 'test/down': { en: 'connection refused', zh: '连接被拒绝' } }];
const render = (language: 'en' | 'zh') => (reason: Reason) => renderReason(reason, tables, language);

function statusOf(scenario: Scenario, extra: Partial<EndpointStatus> = {}): WatchStatus {
  const endpoint = {
    ...statusOfEndpoint(testEndpoint(), scenario.state, scenario.policy, scenario.at),
    ...extra,
  };
  return { site: 'demo', at: scenario.wall, endpoints: [endpoint] };
}

function running(): Scenario {
  const scenario = new Scenario(testPolicy());
  scenario.settle('original', 'up');
  scenario.settle('standby', 'up');
  return scenario;
}

describe('the screen of status', () => {
  test('says who answers, since when and why, and what a fallen member said', () => {
    const scenario = running();
    scenario.settle('original', 'down');
    scenario.wait(125_000);
    const text = renderStatus(fakeIo(), statusOf(scenario), render('en'));
    expect(text).toMatch(/^site demo · no watcher runs/);
    expect(text).toMatch(/answers +standby {2}since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d \(2m5s\), TTL 1s/);
    expect(text).toMatch(
      /because +failover from original to standby: original is down: probe tcp: connection refused/,
    );
    expect(text).toMatch(/○ original +10\.0\.0\.1 +down +2m5s +tcp: connection refused/);
    expect(text).toMatch(/● standby +10\.0\.0\.2 +up/);
    expect(text).toMatch(/failover +original → standby/);
  });

  test('says in Chinese what an error means and what mends it, with its own words between', () => {
    const trouble = {
      code: 'host/unreachable',
      message: 'cannot reach ns1',
      where: {},
      hint: 'Check the network.',
      retryable: true,
    };
    const text = renderStatus(fakeIo({ language: 'zh' }), statusOf(running(), { trouble }), render('zh'));
    expect(text).toMatch(/未能发布 +[^a-zA-Z]*详情：cannot reach ns1 → [^C]*[\u4e00-\u9fff]/);
    expect(text).not.toContain('Check the network.');
  });

  test('never hides an override, all down, drift, or what is not saved or published', () => {
    const scenario = running();
    scenario.command({ verb: 'drain', member: 'standby', acceptLoss: false });
    scenario.settle('original', 'down');
    const error = { code: 'x', message: 'no route', where: {}, hint: 'look', retryable: true };
    const text = renderStatus(
      fakeIo(),
      statusOf(scenario, {
        trouble: error,
        drift: { code: 'watch/clients-get-nothing', params: {} },
        unsavedSince: 0,
      }),
      render('en'),
    );
    expect(text).toMatch(/ALL DOWN +since/);
    expect(text).toMatch(/NOT PUBLISHED +no route → look/);
    expect(text).toMatch(/DRIFT +clients get no member/);
    expect(text).toMatch(/NOT SAVED +since/);
    expect(text).toContain('drained by li');
    scenario.command({ verb: 'force', members: ['original'], forMs: 60_000 });
    expect(renderStatus(fakeIo(), statusOf(scenario), render('en'))).toMatch(/FORCED +original \(li, until /);
  });

  test('speaks Chinese as a whole', () => {
    const scenario = running();
    const status = { ...statusOf(scenario), watcher: { pid: 7, since: 0, listening: ['127.0.0.1:53'] } };
    const text = renderStatus(fakeIo({ language: 'zh' }), status, render('zh'), [
      { run: 'r1', outcome: 'succeeded' },
    ]);
    expect(text).toContain('监视进程 pid 7');
    expect(text).toMatch(/应答 +original +自/);
    expect(text).not.toMatch(/because|answers|since/);
    expect(text).toContain('最近运行');
  });

  test('has lines of a site without endpoints, too', () => {
    const empty = { site: 'demo', at: 0, endpoints: [] };
    expect(renderStatus(fakeIo(), empty, render('en'))).toContain('This site has no endpoints.');
  });
});

describe('columns', () => {
  test('align where some cells are Chinese or coloured', () => {
    expect(widthOf('正常 up')).toBe(7);
    expect(widthOf('\u001b[31mdown\u001b[0m')).toBe(4);
    expect(pad('正常', 6)).toBe('正常  ');
    expect(
      columns([
        ['正常', 'a'],
        ['down', 'b'],
        ['', 'c'],
      ]),
    ).toEqual(['正常  a', 'down  b', '      c']);
  });
});
