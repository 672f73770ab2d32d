/**
 * Where large things that can be made again are kept: base images and programs for lab hosts.
 * @returns $HOLDFAST_CACHE, else `/var/cache/holdfast`: the lab needs root, so there is no folder of a user's own
 */
export function cacheDirOf(env: Readonly<Record<string, string | undefined>>): string {
  return env.HOLDFAST_CACHE ?? '/var/cache/holdfast';
}
