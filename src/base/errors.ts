import type { Position } from './position.ts';

/** Where something failed: any of host, step and place in a file. */
export interface Where {
  readonly host?: string;
  readonly step?: string;
  readonly position?: Position;
}

export interface ErrorOptions<Code extends string = string> {
  /** `<area>/<what>`, e.g. `host/key-changed`, from the area's table (`defineErrors`). */
  readonly code: Code;
  /** What failed, in one line, without the host, the step or the position (those are in `where`). */
  readonly message: string;
  readonly where?: Where;
  readonly expected?: string;
  readonly got?: string;
  /** What the user can do now. Never empty. */
  readonly hint: string;
  /** True where the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  /** Output of a command, a packet, a page: shown with `--verbose` only. */
  readonly evidence?: string;
  readonly cause?: unknown;
}

const BRAND = Symbol.for('holdfast.error');

/**
 * Every failure Holdfast knows. One subclass an area (`HostError`, `DnsError` …) lives with its area, and takes the
 * codes of the area's table only. Foreign failures are wrapped once, at the edge that met them.
 */
export class HoldfastError<Code extends string = string> extends Error {
  readonly [BRAND] = true;
  readonly code: Code;
  readonly where: Where;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly hint: string;
  readonly retryable: boolean;
  readonly evidence: string | undefined;

  constructor(o: ErrorOptions<Code>) {
    super(o.message, o.cause === undefined ? undefined : { cause: o.cause });
    this.name = new.target.name;
    this.code = o.code;
    this.where = o.where ?? {};
    this.expected = o.expected;
    this.got = o.got;
    this.hint = o.hint;
    this.retryable = o.retryable ?? false;
    this.evidence = o.evidence;
  }
}

/** Recognises a HoldfastError across realms and duplicate installs, by symbol. */
export function isHoldfastError(value: unknown): value is HoldfastError {
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** True where the failure may go away by itself. Foreign errors never are: they are wrapped where they are understood. */
export function isRetryable(value: unknown): boolean {
  return isHoldfastError(value) && value.retryable;
}

/** The one form in which journal, JSON output and web show a failure. */
export interface ErrorRecord {
  readonly code: string;
  readonly message: string;
  readonly where: Where;
  readonly expected?: string;
  readonly got?: string;
  readonly hint: string;
  readonly retryable: boolean;
  readonly evidence?: string;
  readonly cause?: string;
}

/** Serialises any thrown value; a foreign one becomes `base/unexpected`. */
export function toErrorRecord(value: unknown): ErrorRecord {
  if (!isHoldfastError(value)) {
    return {
      code: 'base/unexpected',
      message: messageOf(value),
      where: {},
      hint: 'This is a defect in Holdfast: please report it with the output of the same command and --verbose.',
      retryable: false,
    };
  }
  const cause = value.cause === undefined ? undefined : messageOf(value.cause);
  return {
    code: value.code,
    message: value.message,
    where: value.where,
    ...(value.expected === undefined ? {} : { expected: value.expected }),
    ...(value.got === undefined ? {} : { got: value.got }),
    hint: value.hint,
    retryable: value.retryable,
    ...(value.evidence === undefined ? {} : { evidence: value.evidence }),
    ...(cause === undefined || cause === value.message ? {} : { cause }),
  };
}

/** The message of anything thrown. */
export function messageOf(value: unknown): string {
  if (value instanceof AggregateError && value.message === '') return value.errors.map(messageOf).join('; ');
  return value instanceof Error ? value.message : String(value);
}

/** The `code` that Node puts on its system errors (`ECONNREFUSED` …), or undefined. */
export function systemCode(value: unknown): string | undefined {
  if (value instanceof AggregateError && value.errors.length > 0) return systemCode(value.errors[0]);
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined;
  return typeof value.code === 'string' ? value.code : undefined;
}
