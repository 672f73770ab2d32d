/**
 * A TCP service in a process of its own. On its port it greets each client with its name and hangs up; on the next one
 * it answers each line with its name for as long as the client stays. `vip-service.ts PORT NAME`
 */
import { createServer } from 'node:net';

const [port, name] = process.argv.slice(2);
const greeter = createServer((socket) => {
  socket.on('error', () => {});
  socket.end(`${name}\n`);
});
const talker = createServer((socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(`${name}\n`));
});
const onAll = (own: number) => ({ port: own, host: '::', ipv6Only: false });
greeter.listen(onAll(Number(port)), () => talker.listen(onAll(Number(port) + 1), () => console.log('ready')));
