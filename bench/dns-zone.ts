/** What every server of dns-qps.ts serves: names of one length, so that all answers have the size of the echo's. */
export const BENCH_ORIGIN = 'bench.example';
const HOSTS = Array.from({ length: 100 }, (_, index) => `host-${String(index).padStart(3, '0')}`);
export const BENCH_NAME = `${HOSTS[0]}.${BENCH_ORIGIN}`;
export const BENCH_ZONE = `$TTL 60
@ IN SOA ns hostmaster 1 3600 600 86400 60
@ IN NS ns
ns IN A 127.0.0.1
${HOSTS.map((host, index) => `${host} IN A 192.0.2.${index + 1}`).join('\n')}
`;
/** For dnsperf: a question a line. */
export const BENCH_QUERIES = HOSTS.map((host) => `${host}.${BENCH_ORIGIN} A\n`).join('');
