import { describe, expect, it } from 'vitest';
import { fakeIo } from '../../test/fake-io.ts';
import { makeCatalog } from '../app/catalog.ts';
import { runCli } from './program.ts';

describe('holdfast explain', () => {
  it('lists every rule of every family, in the order of their ids', async () => {
    const io = fakeIo();

    expect(await runCli(['explain'], io)).toBe(0);

    const ids = io.written.out
      .trim()
      .split('\n')
      .map((line) => line.slice(0, 5));
    expect(ids).toEqual([...ids].sort());
    expect(ids).toEqual(expect.arrayContaining([...makeCatalog().rules].map((rule) => rule.id)));
    expect(ids).toContain('HF001');
  });

  it('explains a rule by its id, in small letters too, or by its name', async () => {
    const byId = fakeIo();
    const byName = fakeIo();

    await runCli(['explain', 'hf012'], byId);
    await runCli(['explain', 'ttl-over-target'], byName);

    expect(byId.written.out).toContain('TTL longer than the failover target');
    expect(byId.written.out).toContain('lint: { suppress: [{ rule: HF012');
    expect(byName.written.out).toBe(byId.written.out);
  });

  it('says what cannot be suppressed', async () => {
    const io = fakeIo();

    await runCli(['explain', 'HF001'], io);

    expect(io.written.out).toContain('Cannot be suppressed');
  });

  it('speaks Chinese, and gives JSON', async () => {
    const chinese = fakeIo({ language: 'zh' });
    const json = fakeIo();

    await runCli(['explain', 'HF050'], chinese);
    await runCli(['explain', 'HF050', '--json'], json);

    expect(chinese.written.out).toContain('证书名称配置颠倒');
    expect(JSON.parse(json.written.out)).toMatchObject({
      id: 'HF050',
      name: 'san-crossed',
      severity: 'error',
    });
  });

  it('names the rule that was meant, and exits 2', async () => {
    const io = fakeIo();

    expect(await runCli(['explain', 'ttl-ovr-target'], io)).toBe(2);

    expect(io.written.err).toContain("Did you mean 'ttl-over-target'?");
    expect(io.written.out).toBe('');
  });
});

describe('holdfast explain <error code>', () => {
  it('says what the error means and what mends it, in the language of the user', async () => {
    const english = fakeIo();
    const chinese = fakeIo({ language: 'zh' });

    expect(await runCli(['explain', 'host/key-changed'], english)).toBe(0);
    expect(await runCli(['explain', 'host/key-changed'], chinese)).toBe(0);

    expect(english.written.out).toMatch(/^host\/key-changed\nThe host shows another key[^→]*\n\n→ Compare/);
    expect(chinese.written.out).toMatch(/^host\/key-changed\n主机出示的密钥[^→]*\n\n→ 请在主机控制台上核对/);
  });

  it('gives both languages as JSON', async () => {
    const io = fakeIo();

    await runCli(['explain', 'store/held', '--json'], io);

    const { code, en, zh } = JSON.parse(io.written.out);
    expect(code).toBe('store/held');
    expect(en.what).toContain('Another Holdfast');
    expect(zh.mend).toContain('请等待');
  });

  it('names the code that was meant, and exits 2', async () => {
    const english = fakeIo();
    const chinese = fakeIo({ language: 'zh' });

    expect(await runCli(['explain', 'host/key-chnaged'], english)).toBe(2);
    expect(await runCli(['explain', 'host/key-chnaged'], chinese)).toBe(2);

    expect(english.written.err).toContain("Did you mean 'host/key-changed'?");
    expect(chinese.written.err).toContain('是否想写“host/key-changed”？');
  });

  it('says where the codes are listed where none is near', async () => {
    const io = fakeIo();

    expect(await runCli(['explain', 'something-else-entirely'], io)).toBe(2);

    expect(io.written.err).toContain('docs/reference/errors.md');
  });
});

describe('holdfast schema', () => {
  it('prints a JSON Schema that knows every driver, stack and probe', async () => {
    const io = fakeIo();

    expect(await runCli(['schema'], io)).toBe(0);

    const { definitions } = JSON.parse(io.written.out) as {
      definitions: Record<string, { oneOf: { title?: string }[] }>;
    };
    const titles = (family: string) => definitions[family]?.oneOf.flatMap((kind) => kind.title ?? []);
    const { known, probeKinds } = makeCatalog();
    expect(titles('driver')).toEqual([...known.drivers.names]);
    expect(titles('stack')).toEqual([...known.stacks.names]);
    expect(titles('probe')).toEqual([...probeKinds.names]);
  });

  it('describes in the language of the user', async () => {
    const io = fakeIo({ language: 'zh' });

    await runCli(['schema'], io);

    expect(JSON.parse(io.written.out).properties.hosts.description).toMatch(/\p{Script=Han}/u);
  });
});
