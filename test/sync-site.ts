/**
 * The site file of two members on this machine's loopback addresses, for what copies between them.
 * @param addresses of `original` and `standby`
 * @param services the lines below `endpoint:` of the artifacts stack, four spaces deep
 */
export function syncSite([original, standby]: readonly [string, string], services: string): string {
  return `apiVersion: holdfast/v1
kind: Site
metadata: { name: sync }
hosts:
  original: { address: ${original}, transport: local }
  standby: { address: ${standby}, transport: local }
endpoints:
  bootstrap: { name: www.tinder.test, driver: dns-embedded, members: [original, standby] }
stacks:
  tinder:
    kind: artifacts
    endpoint: bootstrap
${services}`;
}
