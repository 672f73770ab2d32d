/** The way back of a step that changes one file and nothing else. */
import type { Reversible, StepContext } from '../../step.ts';
import { fileDrift, keepFile } from './file-drift.ts';
import { captureFile, type FileUndo, fileUndo, isFileBack, restoreFile } from './file-undo.ts';
import type { WantedFile } from './wanted-file.ts';

/**
 * @param isSecret whether what these arguments write is for nobody else: then the journal does not hold the old file
 * @param left what apply made of the file; for an edit this follows from the old one, which `undo` has
 */
export function oneFileUndo<A extends { readonly path: string }>(o: {
  isSecret(args: A): boolean;
  left(ctx: StepContext, args: A, undo: FileUndo): Promise<WantedFile>;
}): Reversible<A, FileUndo> {
  return {
    schema: fileUndo,
    capture: (ctx, args) => captureFile(ctx, args.path, o.isSecret(args)),
    revert: restoreFile,
    isBack: isFileBack,
    content: {
      names: ({ path }) => [path],
      drift: async (ctx, undo, args) => fileDrift(ctx, undo, await o.left(ctx, args, undo)),
      keep: keepFile,
    },
  };
}
