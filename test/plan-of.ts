/** What `holdfast plan` prints for a site whose hosts are scratch hosts: everything real but the way to them. */
import { openContext } from '../src/app/context.ts';
import { silentLogger } from '../src/base/log.ts';
import type { Language } from '../src/base/reason.ts';
import { makePlanOf } from '../src/cli/make-plan.ts';
import { openEngine } from '../src/cli/open-engine.ts';
import { renderPlan } from '../src/cli/render/plan-tree.ts';
import { previewPlan } from '../src/engine/preview.ts';
import { isRefusal } from '../src/engine/report.ts';
import type { Connection, HostPool } from '../src/hosts/host.ts';
import { fakeIo } from './fake-io.ts';

/**
 * @param hosts by their names in the site file
 * @param stateDir an empty folder
 */
export async function planOf(
  file: string,
  hosts: ReadonlyMap<string, Connection>,
  o: { readonly language: Language; readonly stateDir: string },
): Promise<string> {
  const { language, stateDir } = o;
  const io = fakeIo({ language });
  await using opened = await openContext({ file, env: {}, language, log: silentLogger, stateDir });
  const context = { ...opened, hosts: poolOf(hosts) };
  const made = await makePlanOf(context, 'apply', {}, io.stop);
  if (isRefusal(made)) throw new Error(`refused: ${JSON.stringify(made.refused)}`);
  const view = await previewPlan(made.plan, openEngine(io, context, {}), io.stop);
  return renderPlan(io, view, { site: context.site, render: context.render });
}

function poolOf(hosts: ReadonlyMap<string, Connection>): HostPool {
  const connect = async (name: string): Promise<Connection> => {
    const host = hosts.get(name);
    if (host === undefined) throw new Error(`no scratch host for ${name}`);
    return { ...host, host: name };
  };
  return {
    connect,
    controller: () => {
      throw new Error('nothing in this plan runs on the controller');
    },
    async [Symbol.asyncDispose]() {},
  };
}
