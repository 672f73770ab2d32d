import { isHoldfastError } from '../base/errors.ts';
import type { EntryBody, Journal } from '../store/journal.ts';

/** The journal of a run under way, which remembers that it was lost: then nothing may be begun any more. */
export interface RunJournal {
  append(entry: EntryBody): Promise<void>;
  /** Why the journal takes nothing any more; undefined while it does. */
  readonly lost: Error | undefined;
}

/**
 * Watches a journal. A refused entry (a secret in it) fails its step alone; any other failure means that the record
 * cannot be kept, and the run has to stop before its next act.
 */
export function watchJournal(journal: Journal): RunJournal {
  let lost: Error | undefined;
  return {
    get lost() {
      return lost;
    },
    async append(entry) {
      if (lost !== undefined) throw lost;
      try {
        await journal.append(entry);
      } catch (error) {
        if (isHoldfastError(error) && error.code === 'store/journal-secret') throw error;
        lost = error instanceof Error ? error : new Error(String(error));
        throw lost;
      }
    },
  };
}
