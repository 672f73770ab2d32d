/**
 * Puts prepared files in the place of a data folder. The two scripts expect `state`, `data`, `staging` and `kept`, can be
 * cut anywhere and begun again, and do nothing where all is done: the server runs them before it starts, as long as they
 * are there. `ready` in the state folder says that the files are whole; the next copy removes it before all else. Only when
 * the old files are gone does `seeding` say `replaced`: until then they are worth keeping.
 */
import { type Command, script } from '../../../hosts/shell.ts';

const REPLACED = 'echo replaced >"$state/seeding"; rm -f "$state/ready"; sync';

/** `staging` lies beside `data`. What was there is kept as `kept`; removed where `kept` is empty. */
export const SWAP_FOLDERS: Command = script(`[ -e "$state/ready" ] && [ -d "$staging" ] || exit 0
set -e
if [ -e "$data" ]; then
  old=\${kept:-$data.holdfast-old}
  # One that is there is a move between file systems of an overlay, which was cut: it holds a part.
  while [ -e "$old" ]; do old=$old+; done
  mv "$data" "$old"
fi
mv "$staging" "$data"
sync
${REPLACED}
[ -n "$kept" ] || rm -rf "$data.holdfast-old"*`);

/** `staging` lies in `data`, which is a file system itself. Once \`emptied\` is there, nothing is removed any more. */
export const SWAP_INSIDE: Command = script(`[ -e "$state/ready" ] && [ -d "$staging" ] || exit 0
set -e
if [ ! -e "$staging/emptied" ]; then
  find "$data" -mindepth 1 -maxdepth 1 ! -name .holdfast-seed ! -name lost+found -exec rm -rf {} +
  sync; : >"$staging/emptied"; sync
fi
find "$staging" -mindepth 1 -maxdepth 1 ! -name emptied -exec mv -f {} "$data/" \\;
sync
rm -f "$staging/emptied"; rmdir "$staging"
${REPLACED}`);
