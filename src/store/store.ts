/** Where runs are kept: what was planned, and what happened. Implementation: `files.ts`. */
import type { Entry, Journal, RunId } from './journal.ts';
import type { LeaseHolder } from './lease.ts';

/** A run opened for writing: no other process can open it until the journal is disposed. */
export interface OpenRun {
  /** What `create` was given, as JSON gives it back; the engine knows its shape. */
  readonly document: unknown;
  readonly entries: readonly Entry[];
  readonly journal: Journal;
}

/** A run as read by someone who only looks. */
export interface SeenRun {
  readonly run: RunId;
  readonly document: unknown;
  readonly entries: readonly Entry[];
  /** The process that works on it now, or that died doing so. */
  readonly holder?: LeaseHolder;
}

export interface RunStore {
  /** For people and for host locks: where the runs are. */
  readonly place: string;
  /** Keeps the document, durably, and opens an empty journal. @throws StoreError where the id is taken */
  create(run: RunId, document: unknown): Promise<Journal>;
  /** @throws StoreError `store/no-run`, `store/held`, `store/journal-torn` */
  open(run: RunId): Promise<OpenRun>;
  /** @throws StoreError `store/no-run`, `store/journal-torn` */
  look(run: RunId): Promise<SeenRun>;
  /** An exclusive lease of the whole place, by name: `controller`. @throws StoreError `store/held` */
  lease(name: string, holder: string): Promise<AsyncDisposable>;
  /** Newest first. */
  list(): Promise<readonly RunId[]>;
}
