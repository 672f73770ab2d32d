import { type BaseLogger, pino } from 'pino';
import { formatInstant } from '../base/clock.ts';
import { messageOf, toErrorRecord } from '../base/errors.ts';
import type { LogFields, Logger } from '../base/log.ts';

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `json`: one object a line, for machines; `text`: for people. */
  readonly form: 'json' | 'text';
  /** Takes one whole line with its newline. */
  readonly write: (line: string) => void;
}

/** The logger of this process, backed by pino. Secrets print as their references (`base/secret.ts`). */
export function makeLogger(o: LoggerOptions): Logger {
  const write = o.form === 'json' ? o.write : (line: string) => o.write(toText(line));
  const root = pino(
    {
      level: o.level,
      base: null,
      timestamp: () => `,"at":"${formatInstant(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: 'message',
    },
    { write },
  );
  return wrap(root, {});
}

function wrap(target: BaseLogger, fields: LogFields): Logger {
  const merge = (more?: LogFields): LogFields => plain({ ...fields, ...more });
  return {
    debug: (message, more) => target.debug(merge(more), message),
    info: (message, more) => target.info(merge(more), message),
    warn: (message, more) => target.warn(merge(more), message),
    error: (message, more) => target.error(merge(more), message),
    with: (more) => wrap(target, { ...fields, ...more }),
  };
}

/** Errors as records: a stack in a log line helps nobody at night. */
function plain(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? toErrorRecord(value) : value,
    ]),
  );
}

function toText(line: string): string {
  const { at, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${compact(value)}`);
  return `${[String(at).slice(11, 23), String(level).padEnd(5), message, ...rest].join(' ')}\n`;
}

function compact(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'message' in value)
    return JSON.stringify(messageOf(value.message));
  return typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value);
}
