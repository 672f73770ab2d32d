import type { ErrorRecord } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Endpoint, EndpointName } from '../site/model.ts';
import { WatchError } from './watch-error.ts';

/**
 * The endpoint that a person means; no name is enough where the site has only one.
 * @throws WatchError `watch/no-endpoint`
 */
export function pickEndpoint(endpoints: readonly Endpoint[], name: EndpointName | undefined): Endpoint {
  const found =
    name === undefined && endpoints.length === 1
      ? endpoints[0]
      : endpoints.find((endpoint) => endpoint.name === name);
  if (found !== undefined) return found;
  const names = endpoints.map((endpoint) => endpoint.name);
  const meant = name === undefined ? undefined : nearest(name, names);
  throw new WatchError({
    code: 'watch/no-endpoint',
    message: name === undefined ? 'which endpoint is meant?' : `there is no endpoint named '${name}'`,
    expected: names.length === 0 ? 'a site with an endpoint' : `one of ${names.join(', ')}`,
    got: name ?? 'no name',
    hint: meant === undefined ? `Name one of: ${names.join(', ')}.` : `Did you mean '${meant}'?`,
  });
}

/** Said to a person who commands an endpoint whose state cannot be read. */
export function frozenError(endpoint: Endpoint, error: ErrorRecord): WatchError {
  return new WatchError({
    code: 'watch/frozen',
    message: `endpoint ${endpoint.name} is frozen: ${error.message}`,
    ...(error.expected === undefined ? {} : { expected: error.expected }),
    ...(error.got === undefined ? {} : { got: error.got }),
    hint: error.hint,
  });
}
