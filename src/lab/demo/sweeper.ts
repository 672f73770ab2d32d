/** What makes sure that the demo leaves nothing behind, however it ends: kill -9 included. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Sweeper extends AsyncDisposable {
  /** From now on this process does not outlive us. */
  watchOver(pid: number): void;
  /** It has ended: its number may soon be somebody else's. */
  forget(pid: number): void;
}

/**
 * Reads `+ pid` and `- pid` until our end of the pipe closes, which the kernel does when we die, then ends what still
 * runs and removes the folder. What was killed may be writing yet, so the removal is tried for some seconds.
 */
const SCRIPT = `
alive=
while read -r verb pid; do
  case $verb in
    +) alive="$alive $pid" ;;
    -) rest=
       for each in $alive; do [ "$each" = "$pid" ] || rest="$rest $each"; done
       alive=$rest ;;
  esac
done
[ -z "$alive" ] || kill -9 $alive 2>/dev/null
tries=0
until rm -rf -- "$1" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 50 ] || exit 1
  sleep 0.1
done
`;

/**
 * Starts it. Disposing it ends what still runs and removes the folder, too: one way for every end.
 * @param folder what to remove
 */
export function startSweeper(folder: string): Sweeper {
  // A session of its own: neither Ctrl-C nor a terminal that closes may reach it.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'holdfast-demo-sweeper', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => {}); // EPIPE: somebody killed it, and then there is nobody to tell
  return {
    watchOver: (pid) => void child.stdin.write(`+ ${pid}\n`),
    forget: (pid) => void child.stdin.write(`- ${pid}\n`),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
