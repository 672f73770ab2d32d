import type { Io } from '../src/cli/io.ts';

/** A terminal that keeps what is written to it. */
export interface FakeIo extends Io {
  readonly written: { out: string; err: string };
}

/** Makes one: no TTY, no colour, English, and `confirm` answers no unless told otherwise. */
export function fakeIo(overrides: Partial<Io> = {}): FakeIo {
  const written = { out: '', err: '' };
  return {
    written,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    outIsTty: false,
    errIsTty: false,
    columns: 100,
    colour: false,
    language: 'en',
    env: {},
    cwd: process.cwd(),
    stop: new AbortController().signal,
    abort: new AbortController().signal,
    confirm: async () => false,
    ...overrides,
  };
}
