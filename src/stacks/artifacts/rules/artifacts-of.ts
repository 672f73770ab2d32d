import type { Endpoint, Site, StackSpec } from '../../../site/model.ts';
import type { ArtifactsSpec } from '../schema.ts';
import { endpointOf } from '../services.ts';

/** Every artifacts stack of a site, with the endpoint in front of it. */
export function artifactsOf(
  site: Site,
): { readonly stack: StackSpec<ArtifactsSpec>; readonly endpoint: Endpoint | undefined }[] {
  return [...site.stacks.values()]
    .filter((stack): stack is StackSpec<ArtifactsSpec> => stack.kind === 'artifacts')
    .map((stack) => ({ stack, endpoint: endpointOf(site, stack) }));
}
