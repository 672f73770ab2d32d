/** `holdfast schema`: the JSON Schema of a site file, for editors. */
import type { Command } from 'commander';
import type { Runner } from './command.ts';
import { exitCodes } from './io.ts';

/** No options: the schema goes to stdout. */
export function configure(command: Command, run: Runner): void {
  command.action(
    run(async (io) => {
      const { catalogJsonSchema } = await import('../app/site-json-schema.ts');
      io.out(`${JSON.stringify(catalogJsonSchema(io.language), null, 2)}\n`);
      return exitCodes.done;
    }),
  );
}
