/** The shell side of `lock.ts`. Each script answers on stdout: `<state> <file>`, then the lock's text if there is one. */
import { type Command, sh } from '../hosts/shell.ts';

export interface LockScript {
  readonly command: Command;
  readonly stdin?: string;
}

export type LockAnswer =
  | { readonly state: 'free' | 'failed' }
  | { readonly state: 'taken' | 'released' | 'gone'; readonly file: string }
  | { readonly state: 'held'; readonly file: string; readonly text: string };

/** Says `held` with the first lock found, or `free`. */
export function lookScript(files: readonly string[]): LockScript {
  return {
    command: sh`for f in ${files}; do
  if [ -e "$f" ] || [ -L "$f" ]; then printf 'held %s\\n' "$f"; cat "$f" 2>/dev/null; exit 0; fi
done
echo free`,
  };
}

/**
 * Makes the lock in the first place that can be written, unless there is one in any of them.
 *
 * ln(1) without -f fails where the name is taken, so that of two at the same time one wins. Two who may write
 * different places could both win: therefore each looks again afterwards, and steps back if there is another.
 * The flush is for a power cut: an empty lock would say nothing about who half did what.
 */
export function takeScript(files: readonly string[], run: string, text: string): LockScript {
  const command = sh`umask 022
text=$(cat)
held() { printf 'held %s\\n' "$1"; cat "$1" 2>/dev/null; exit 0; }
for f in ${files}; do if [ -e "$f" ] || [ -L "$f" ]; then held "$f"; fi; done
for f in ${files}; do
  mkdir -p -- "\${f%/*}" 2>/dev/null
  t="$f."${run}
  rm -f -- "$t" 2>/dev/null
  ( set -C; printf '%s\\n' "$text" > "$t" ) || continue
  sync "$t" 2>/dev/null
  if ln -- "$t" "$f"; then
    rm -f -- "$t"
    for g in ${files}; do
      if [ "$g" != "$f" ] && { [ -e "$g" ] || [ -L "$g" ]; }; then rm -f -- "$f"; held "$g"; fi
    done
    printf 'taken %s\\n' "$f"; exit 0
  fi
  rm -f -- "$t"
  if [ -e "$f" ] || [ -L "$f" ]; then held "$f"; fi
done
echo failed`;
  return { command, stdin: text };
}

/**
 * Removes the lock if it still has this text. Between looking and removing nobody else can put another one there:
 * a lock is made only where none is, and removed only by who made the folder `<lock>.release.<checksum of the text>`.
 */
export function releaseScript(file: string, text: string): LockScript {
  const command = sh`f=${file}
text=$(cat)
if ! [ -e "$f" ] && ! [ -L "$f" ]; then printf 'gone %s\\n' "$f"; exit 0; fi
right="$f.release.$(printf '%s' "$text" | cksum | tr -d ' ')"
n=0
until mkdir -- "$right"; do n=$((n+1)); [ $n -ge 5 ] && { echo failed; exit 0; }; sleep 1; done
trap 'rmdir -- "$right"' EXIT
trap 'exit 1' HUP INT TERM
if [ "$(cat "$f" 2>/dev/null)" = "$text" ]; then
  rm -f -- "$f" && { printf 'released %s\\n' "$f"; exit 0; }
  echo failed; exit 0
fi
printf 'gone %s\\n' "$f"`;
  return { command, stdin: text };
}

/** Understands what the scripts print; `failed` for anything else. */
export function parseLooked(stdout: string): LockAnswer {
  const [first = '', ...rest] = stdout.split('\n');
  const [state, ...words] = first.split(' ');
  const file = words.join(' ');
  if (state === 'free') return { state };
  if (state === 'taken' || state === 'released' || state === 'gone') return { state, file };
  if (state === 'held') return { state, file, text: rest.join('\n').trimEnd() };
  return { state: 'failed' };
}
