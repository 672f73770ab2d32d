import { makeCatalog } from '../src/app/catalog.ts';
import { renderReason } from '../src/base/reason.ts';
import { loadSite } from '../src/site/load.ts';
import { loadReasons } from '../src/site/load-reasons.ts';
import type { Site } from '../src/site/model.ts';

/** Every family there is, as the program has them. */
export const catalog = makeCatalog();

/** What every site file begins with. */
const HEAD = 'apiVersion: holdfast/v1\nkind: Site\nmetadata: { name: test }\n';

/** Loads a site file as the program does, with every driver, stack and probe there is. @param text without its head */
export function siteOf(text: string): Site {
  const { site, findings } = loadSite({
    file: 'site.yaml',
    text: HEAD + text,
    schemas: catalog.siteSchemas,
  });
  if (site !== undefined) return site;
  const said = findings.map(
    ({ position, because }) => `${position?.line}: ${renderReason(because, [loadReasons], 'en')}`,
  );
  throw new Error(`the test's site is wrong:\n${said.join('\n')}`);
}
