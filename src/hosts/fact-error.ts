import { HoldfastError } from '../base/errors.ts';
import type { HostErrorCode } from './host-error.ts';

/** A fact's output that cannot be understood. */
export class FactError extends HoldfastError<HostErrorCode> {
  constructor(fact: string, expected: string, output: string) {
    super({
      code: 'host/fact-unreadable',
      message: `cannot understand what the host says about '${fact}'`,
      expected,
      got: output.trim() === '' ? 'nothing' : (output.trim().split('\n')[0] as string).slice(0, 200),
      hint: 'See the whole output with --verbose; if the host is sound, please report it.',
      evidence: output.slice(0, 4_000),
    });
  }
}
