/** A member for failover.ts, in a process of its own: `node http-member.ts <address> <port>`. Says `ready` once it listens. */
import { createServer } from 'node:http';

const [address, port] = process.argv.slice(2);
const server = createServer((_request, response) => response.end(`${address}\n`));
server.listen(Number(port), address, () => console.log('ready'));
