import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// In the checkout and not in the shared /tmp, where anybody could put code that root then runs.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/holdfast'));
const { runCli } = await import('./program.ts');
process.exitCode = await runCli(process.argv.slice(2));
