#!/bin/sh
# Written by Holdfast: the witness of MariaDB pairs, run by sshd for the key of one node of one pair (authorized_keys).
#
#   witness PAIR NODE    what is wanted comes with the connection: look, claim, release or force
#
# One file a pair says which node may act without the other; `-`: none. Who claims it first has it until it releases it:
# there is no time limit, so that no clock and no pause can let both act. Answers with the holder; with nothing where the
# answer could not be kept.
LC_ALL=C PATH=/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
umask 077
pair=$1 node=$2
cd "$HOME" || exit 1
exec 9>"$pair.lock" && flock -w 1 9 || exit 1
holder=-
[ ! -s "$pair" ] || read -r holder <"$pair"

# hold WHO: on disk before it is said.
hold() {
  [ "$holder" != "$1" ] || return 0
  printf '%s\n' "$1" >"$pair.new" && sync "$pair.new" && mv -f "$pair.new" "$pair" && sync . || exit 1
  holder=$1
}

case ${SSH_ORIGINAL_COMMAND:-} in
look) ;;
claim) [ "$holder" != - ] || hold "$node" ;;
release) [ "$holder" != "$node" ] || hold - ;;
force) hold "$node" ;;
*)
  echo 'witness: look, claim, release or force' >&2
  exit 2
  ;;
esac
printf '%s\n' "$holder"
