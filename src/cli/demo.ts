import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { makeCatalog } from '../app/catalog.ts';
import { SystemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { renderReason } from '../base/reason.ts';
import { reportStory } from '../lab/demo/report.ts';
import { demoReasons } from '../lab/demo/sentences.ts';
import { assertShown, playStory, type StoryResult } from '../lab/demo/story.ts';
import { startSweeper } from '../lab/demo/sweeper.ts';
import { formatMoment } from '../lab/demo/timeline.ts';
import type { CommandModule } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import { paint } from './paint.ts';

const EXAMPLE = resolve(import.meta.dirname, '../../examples/dce5-bootstrap/site.yaml');
const COLOURS = { demo: 'cyan', watch: 'yellow', client: 'green' } as const;

interface DemoOptions {
  readonly site: string;
  readonly embeddedRegistry?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** `holdfast demo`: a failover on two loopback addresses, measured by a client; leaves nothing behind. */
export const configure: CommandModule['configure'] = (command, run) => {
  command
    .addOption(
      new Option('--site <site.yaml>', 'the pair to show').default(
        EXAMPLE,
        'examples/dce5-bootstrap/site.yaml',
      ),
    )
    .option('--embedded-registry', "not Debian's docker-registry, even where it is installed")
    .option('--json', 'the figures as JSON; the timeline goes to stderr')
    .option('-v, --verbose', 'show what was adapted, and evidence where something fails')
    .action(run(async (io: Io, options: DemoOptions) => showDemo(io, options)));
};

async function showDemo(io: Io, options: DemoOptions) {
  const reasonTables = [demoReasons, ...makeCatalog().reasonTables];
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  await using sweeper = startSweeper(folder);
  const tell = options.json ? io.err : io.out;
  const result = await playStory({
    clock: new SystemClock(),
    env: io.env,
    example: await readFile(options.site, 'utf8'),
    folder,
    sweeper,
    embeddedRegistry: options.embeddedRegistry === true,
    signal: io.stop,
    render: (reason) => renderReason(reason, reasonTables, io.language),
    say: (moment) => tell(`${paint(io, COLOURS[moment.who], formatMoment(moment))}\n`),
  });
  if (options.verbose) tell(`\n${result.changes.map((change) => `  ${change}`).join('\n')}\n`);
  if (options.json) io.out(`${JSON.stringify(result)}\n`);
  else io.out(`\n${reportStory(result, io.language)}\n\n${closing(result, options.site, io)}\n`);
  assertShown(result);
  return exitCodes.done;
}

function closing(result: StoryResult, site: string, io: Io): string {
  const took = formatDuration(result.tookMs);
  const changed = result.changes.length;
  return io.language === 'zh'
    ? `用时 ${took}；站点文件 ${site}，有 ${changed} 处改为本机回环（--verbose 可查看）。`
    : `Took ${took}, from ${site} with ${changed} settings adapted to loopback (--verbose lists them).`;
}
