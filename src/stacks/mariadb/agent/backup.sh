#!/bin/sh
# Written by Holdfast: backups of a MariaDB pair, on this host. Needs nothing but a shell, flock(1), gzip, sha256sum and
# mariadb-backup; works while Holdfast does not run. docs/tutorials/mariadb-pair.md says what is where.
#
#   backup run            a backup, where it is this host's turn (a systemd timer runs it on both hosts)
#   backup now            a backup, whoever's turn it is
#   backup list           the whole ones, oldest first, and the last failure, as `key value` lines
#   backup drill ID DB.TABLE…  restores one into a server of its own, checks it, and throws it away
LC_ALL=C PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
umask 077
etc=${0%/*}
. "$etc/backup-settings"

client=mariadb check=mariadb-check
command -v "$client" >/dev/null 2>&1 || client=mysql check=mysqlcheck

note() { logger -t holdfast-mariadb -- "backup: $*" 2>/dev/null; }
durable() { printf '%s\n' "$2" >"$state/$1.new" && sync "$state/$1.new" 2>/dev/null; mv -f "$state/$1.new" "$state/$1" && sync "$state" 2>/dev/null; }
fail() { durable backup-failed "$(date +%s) $*"; note "failed: $*"; echo "$*" >&2; exit 1; }
# Milliseconds since boot: no clock that somebody sets.
ms() { read -r up _ </proc/uptime; ms=$((${up%.*} * 1000 + 10 * (1${up#*.} - 100))); }
free_kib() { df -Pk "$1" | tail -n 1 | { read -r _ _ _ free _; echo "$free"; }; }
value() { sed -n "s/^$1 //p" "$2"; }
# Names of whole ones, oldest first.
whole() {
  for one in "$home"/[0-9]*Z; do
    [ ! -s "$one/about" ] || echo "${one##*/}"
  done
}
# What has no good name is removed in two steps, so that half of one never looks whole.
discard() { mv "$home/$1" "$home/.part-$1" && rm -rf "$home/.part-$1"; }

# The standby's, which nobody waits for; the primary's where the standby does not follow.
is_my_turn() {
  tries=0
  while :; do
    "$etc/role" status >"$run/backup-role" 2>/dev/null
    role=$(value role "$run/backup-role") at=$(value state "$run/backup-role")
    case "$role $at" in
    'standby level') return 0 ;;
    'primary together') why='the standby makes them'; return 1 ;;
    primary\ *) return 0 ;;
    esac
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      why="this standby is '$at'"
      [ "$at" = behind ]
      return
    fi
    sleep 1
  done
}

make() {
  exec 8>"$state/backup.lock"
  flock -n 8 || { echo 'another backup is at work' >&2; exit 1; }
  (umask 066; mkdir -p "$home") && chmod 711 "$home" || fail "cannot write to $home"
  rm -rf "$home"/.part-*
  role=$("$etc/role" status 2>/dev/null | sed -n 's/^role //p')
  data=$("$client" --defaults-file="$etc/local.cnf" -N -B -e 'SELECT @@datadir, VERSION()' 2>/dev/null) || fail 'the server does not answer'
  version=${data#*	} data=${data%%	*}
  data_kib=$(du -sk --apparent-size --exclude='*-bin.[0-9]*' "$data" | cut -f 1)
  last=$(whole | tail -n 1)
  if [ -n "$last" ]; then need=$(($(value bytes "$home/$last/about") / 1024 * 5 / 4)); else need=$data_kib; fi
  free=$(free_kib "$home")
  [ "$free" -gt "$need" ] || fail "$home has $free KiB free, and $need are needed"

  began=$(date +%s) id=$(date -u +%Y%m%dT%H%M%SZ)
  part=$home/.part-$id
  mkdir "$part" && mkfifo "$part/fifo" || fail "cannot write to $home"
  sha256sum <"$part/fifo" >"$part/sum" &
  { mariadb-backup --defaults-file="$etc/local.cnf" --backup --stream=xbstream --log-copy-interval=20 --extra-lsndir="$part/info" \
      --target-dir="$part/info" 2>"$part/log" || : >"$part/broken"; } |
    { gzip -1 || : >"$part/broken"; } | tee "$part/fifo" >"$part/data.xb.gz" || : >"$part/broken"
  wait
  if [ -e "$part/broken" ] || ! tail -n 1 "$part/log" | grep -q 'completed OK!'; then
    said=$(tail -n 1 "$part/log") free=$(free_kib "$home")
    rm -rf "$part"
    fail "mariadb-backup did not end well ($free KiB are free): $said"
  fi
  # The GTID that mariadb-backup names lags behind the data where appliers commit in groups; file and position do not.
  at=$(sed -n "s/.*filename '\([^']*\)', position '\([0-9]*\)', GTID of the last change.*/'\1', \2/p" "$part/log" | tail -n 1)
  gtid=$("$client" --defaults-file="$etc/local.cnf" -N -B -e "SELECT BINLOG_GTID_POS($at)" 2>/dev/null)
  case $gtid in '' | NULL) rm -rf "$part"; fail "the server does not know its position at $at any more" ;; esac
  printf '%s\n' "id $id" "host $me" "role ${role:-unknown}" "version $version" "gtid $gtid" "began $began" \
    "took $(($(date +%s) - began))" "bytes $(wc -c <"$part/data.xb.gz")" "databytes $((data_kib * 1024))" \
    "sha256 $(cut -d ' ' -f 1 "$part/sum")" >"$part/about"
  rm -rf "$part/fifo" "$part/sum" "$part/info"
  sync "$part"/* "$part" 2>/dev/null
  mv "$part" "$home/$id" && sync "$home" || fail "cannot write to $home"
  rm -f "$state/backup-failed"
  note "$id, $(value bytes "$home/$id/about") bytes at $gtid"
  retire
}
# Older ones, by number and age; never the newest.
retire() {
  left=$(whole | wc -l) now=$(date +%s)
  for one in $(whole); do
    [ "$left" -gt 1 ] || return 0
    age=$((now - $(value began "$home/$one/about")))
    if [ "$left" -gt "$keep" ] || { [ "$keep_s" -gt 0 ] && [ "$age" -gt "$keep_s" ]; }; then discard "$one"; fi
    left=$((left - 1))
  done
}

# --- restore, to see whether it can be done -----------------------------------------------------------------------------

# The server of an earlier drill, by its folder; nothing else.
end_server() {
  [ -r "$1/pid" ] && read -r pid <"$1/pid" && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$1" || return 0
  kill "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
  kill -9 "$pid" 2>/dev/null
  sleep 0.1
}
clean() { end_server "$1"; rm -rf "$1"; }
broken() { echo "broken $*"; echo "broken: $*" >&2; exit 1; }
# lap NAME: how long it took since the lap before.
lap() { then=$ms; ms; echo "ms-$1 $((ms - then))"; }

drill() {
  id=$1
  shift
  exec 7>"$state/drill.lock"
  flock -n 7 || { echo 'another drill is at work' >&2; exit 1; }
  for one in "$home"/.drill-*; do [ ! -d "$one" ] || clean "$one"; done
  from=$home/$id
  [ -s "$from/about" ] || { echo "there is no whole backup $id in $home" >&2; exit 1; }
  need=$(($(value databytes "$from/about") / 1024 * 6 / 5 + 262144)) free=$(free_kib "$home")
  [ "$free" -gt "$need" ] || { echo "$home has $free KiB free, and $need are needed to restore" >&2; exit 1; }
  work=$home/.drill-$$
  (umask 066; mkdir "$work") && mkdir "$work/data"
  # Whatever ends this shell, also kill -9: the server ends and the folder goes.
  setsid sh -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; exec "$2" sweep "$3"' - "$$" "$0" "$work" </dev/null >/dev/null 2>&1 7>&- &
  trap 'clean "$work"' EXIT
  trap 'exit 130' INT TERM HUP
  cat "$from/about"
  ms
  [ "$(sha256sum <"$from/data.xb.gz" | cut -d ' ' -f 1)" = "$(value sha256 "$from/about")" ] || broken 'its SHA-256 is not the one that was noted'
  lap read
  { gzip -dc "$from/data.xb.gz" || : >"$work/failed"; } | mbstream -x -C "$work/data" 2>"$work/log" || : >"$work/failed"
  [ ! -e "$work/failed" ] || broken "it could not be unpacked: $(tail -n 1 "$work/log")"
  lap unpack
  mariadb-backup --prepare --target-dir="$work/data" >"$work/log" 2>&1 || broken "it could not be made consistent: $(tail -n 1 "$work/log")"
  lap prepare
  chown -R mysql:mysql "$work"
  start
  lap start
  sql() { "$client" --no-defaults --user=root --socket="$work/sock" -N -B "$@" 2>"$work/log"; }
  # No account is asked for: the socket is in a folder of this drill.
  tables=$(sql -e "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE' AND TABLE_SCHEMA NOT IN ('information_schema','performance_schema')") || broken "it does not answer: $(tail -n 1 "$work/log")"
  echo "tables $tables"
  "$check" --no-defaults --user=root --socket="$work/sock" --all-databases --silent >"$work/check" 2>&1 || broken "mariadb-check failed: $(tail -n 1 "$work/check")"
  [ ! -s "$work/check" ] || broken "mariadb-check says: $(head -n 3 "$work/check" | tr '\n' ' ')"
  for table in "$@"; do
    sum=$(sql -e "SELECT COUNT(*) FROM $table; CHECKSUM TABLE $table" | tr '\n\t' '  ') || broken "$table: $(tail -n 1 "$work/log")"
    set -- $sum
    [ "${3:-NULL}" != NULL ] || broken "$table is not in it"
    echo "table $table rows $1 checksum $3"
  done
  lap check
  # A standby notes in the same transaction what it has applied: so its data itself says where it is.
  if [ "$(value role "$from/about")" = standby ]; then
    restored=$(sql -e 'SELECT @@gtid_slave_pos')
    echo "restored $restored"
    [ "$restored" = "$(value gtid "$from/about")" ] || broken "its data is at $restored, and its note says $(value gtid "$from/about")"
  fi
  clean "$work"
  echo 'whole yes'
}
start() {
  server=$(command -v mariadbd || command -v mysqld || echo /usr/libexec/mariadbd)
  set -- "$server" --defaults-file="$work/data/backup-my.cnf" --user=mysql --datadir="$work/data" --socket="$work/sock" \
    --pid-file="$work/pid" --log-error="$work/error.log" --skip-networking --skip-grant-tables --skip-slave-start \
    --skip-log-bin --innodb-buffer-pool-size=128M
  serve "$@" && return
  # A standby's copy may hold transactions that were prepared and not written to the log yet, nor counted in its position. Told
  # so, a server rolls them back; some versions end then, and have to be started again.
  grep -qF 'prepared transactions!' "$work/error.log" || broken "its server does not start: $(said_error)"
  serve "$@" --tc-heuristic-recover=ROLLBACK || serve "$@" || broken "its server does not start: $(said_error)"
}
said_error() { grep -F '[ERROR]' "$work/error.log" | tail -n 2 | head -n 1; }
serve() {
  # Not in this shell's group: it is ended by its pid, and by nobody's Ctrl-C before that.
  setsid "$@" </dev/null >/dev/null 2>&1 7>&- &
  child=$!
  until "$client" --no-defaults --user=root --socket="$work/sock" -e 'DO 1' 2>/dev/null; do
    kill -0 "$child" 2>/dev/null || return 1
    sleep 0.1
  done
}

case ${1:-} in
run)
  is_my_turn || { note "not here: $why"; exit 0; }
  make
  ;;
now) make ;;
list)
  echo "now $(date +%s)"
  [ ! -r "$state/backup-failed" ] || echo "failed $(cat "$state/backup-failed")"
  for one in $(whole); do cat "$home/$one/about"; done
  ;;
drill) shift; drill "$@" ;;
sweep) case ${2:-} in "$home"/.drill-*) [ ! -d "$2" ] || clean "$2" ;; esac ;;
*) echo "usage: backup run|now|list|drill" >&2; exit 2 ;;
esac
