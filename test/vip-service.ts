/** A TCP service in a process of its own: greets each client with its name and hangs up. `vip-service.ts PORT NAME` */
import { createServer } from 'node:net';

const [port, name] = process.argv.slice(2);
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.end(`${name}\n`);
});
server.listen({ port: Number(port), host: '::', ipv6Only: false }, () => console.log('ready'));
