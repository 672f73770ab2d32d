import type { Scope } from '../../../base/abort.ts';
import { isRetryable, messageOf } from '../../../base/errors.ts';
import { ArtifactsError } from '../error.ts';

/** How many failures are named in one message. */
const NAMED = 3;

/**
 * Waits for all work. What fails for good (a damaged blob) does not keep the rest from being copied; what might have
 * passed and did not (a server that stays away) ends all of it.
 * @throws the reason of the scope; the only failure; `artifacts/copy-failed` for several
 */
export async function allEnds(scope: Scope, work: readonly Promise<void>[]): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(
    work.map((one) =>
      one.catch((error: unknown) => {
        failures.push(error);
        const isLocal = error instanceof ArtifactsError && !isRetryable(error);
        if (!isLocal) scope.abort(error instanceof Error ? error : new Error(messageOf(error)));
      }),
    ),
  );
  if (scope.signal.aborted) throw scope.signal.reason;
  const distinct = [...new Map(failures.map((error) => [messageOf(error), error])).values()];
  if (distinct.length === 1) throw distinct[0];
  if (distinct.length > 1) throw several(distinct as ArtifactsError[]);
}

function several(errors: readonly ArtifactsError[]): ArtifactsError {
  const named = errors.slice(0, NAMED).map(({ message }) => message);
  const rest = errors.length - named.length;
  return new ArtifactsError({
    code: 'artifacts/copy-failed',
    address: errors[0]!.address,
    message: `${errors.length} things could not be copied: ${named.join('; ')}${rest === 0 ? '' : ` (+${rest})`}`,
    hint: 'Mend what is named, then `holdfast resume`: what is there already is not sent again.',
    evidence: errors
      .map(({ message, got }) => (got === undefined ? message : `${message} (${got})`))
      .join('\n'),
  });
}
