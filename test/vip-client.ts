/**
 * A client in a process of its own: a new connection every few milliseconds, whatever became of those before. Prints
 * `<milliseconds since the boot> <who answered>` for each that was answered. `vip-client.ts ADDRESS PORT PERIOD`
 */
import { connect } from 'node:net';

const PATIENCE_MS = 1_000;
const [host, port, period] = process.argv.slice(2);

function ask(): void {
  const socket = connect({ host: host as string, port: Number(port) });
  let said = '';
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    said += chunk;
  });
  socket.on('end', () => console.log(`${(Number(process.hrtime.bigint()) / 1e6).toFixed(1)} ${said.trim()}`));
}

console.log('ready');
setInterval(ask, Number(period));
