#!/bin/sh
# Written by Holdfast: the role of this host in a MariaDB pair. Needs nothing but a shell, flock(1), timeout(1) and
# the mariadb client; works while Holdfast does not run. docs/tutorials/mariadb-pair.md has the ordering argument.
#
#   role loop            watches both servers, keeps the roles, notes how things stand (a systemd unit runs it)
#   role notify STATE    keepalived's word: MASTER → promote, anything else → demote
#   role check           may this host own the address? (keepalived's health loop asks) 1: it is not well, 3: never
#   role fence           before a planned switch: stop writes here, wait until the other has them all
#   role init            makes this host the first primary of a new pair
#   role lead            a person's decision: become primary whatever the other may hold
#   role status          how things stand, as `key value` lines
LC_ALL=C PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
export LC_ALL PATH
umask 077
etc=${0%/*}
. "$etc/settings"
mkdir -p "$run" "$state"
[ -e "$state/role" ] || printf 'standby\n' >"$state/role"

# A waiter for an acknowledgement older than this, and the standby does not call itself level.
oldest_waiter_ms=800
# How long after the last proof a standby may still believe that the primary has acknowledged nothing alone.
proof_ms=$((ack_timeout_ms - oldest_waiter_ms - 200))

client=mariadb
command -v "$client" >/dev/null 2>&1 || client=mysql
here() { "$client" --defaults-file="$etc/local.cnf" -N -B "$@"; }
# The same, a line a column: `name: value`.
named() { "$client" --defaults-file="$etc/local.cnf" -B -E "$@"; }
there() { timeout 3 "$client" --defaults-file="$etc/peer.cnf" -N -B "$@"; }

# Hundredths of a second since boot: no clock that somebody sets.
now() { read -r up _ </proc/uptime; now=${up%.*}${up#*.}; }
age_ms() { now; age_ms=$(((now - $1) * 10)); }
note() { printf '%s\n' "$*" >"$run/said"; logger -t holdfast-mariadb -- "$*" 2>/dev/null; }
# durable NAME VALUE: survives a power cut.
# Where there is no room for it, what was there stays.
durable() { printf '%s\n' "$2" >"$state/$1.new" || return 1; sync "$state/$1.new" 2>/dev/null; mv -f "$state/$1.new" "$state/$1" && sync "$state" 2>/dev/null; }
put() { printf '%s\n' "$2" >"$run/$1"; }
# Added to this host's VRRP priority; written only where it changes, because keepalived looks at each write.
wish() {
  [ -d "$vip_state" ] || return 0
  wished=
  [ ! -r "$vip_state/wish" ] || read -r wished <"$vip_state/wish"
  [ "$wished" = "$1" ] || printf '%s\n' "$1" >"$vip_state/wish"
}
# --- the witness: a third host that lets one of the two act without the other, never both ------------------------------

# Prints who may, `-` for nobody; nothing where the witness is silent. $witness is empty where the pair has none.
ask_witness() { "$etc/witness" "$1" 2>/dev/null; }
watch_witness() {
  while :; do
    now; asked=$now
    holder=$(ask_witness look) && [ -n "$holder" ] && put holder "$asked $holder"
    sleep 1
  done
}
# heard_witness: sets holder; false, and empty, where it was silent for a while.
heard_witness() {
  holder=
  [ -r "$run/holder" ] && read -r asked holder <"$run/holder" && [ -n "$holder" ] || return 1
  age_ms "$asked"
  [ "$age_ms" -lt 4000 ] || { holder=; return 1; }
}
may_not() { if [ -z "$holder" ]; then why="the witness $witness is silent"; else why="the witness $witness has let $holder go on alone"; fi; return 1; }
# Succeeds where this host may act alone, as far as is known; otherwise `why` says what speaks against it. Cut off from the
# witness, too, this host cannot know whether the other goes on alone.
may_be_alone() {
  [ -n "$witness" ] || return 0
  heard_witness
  [ "$holder" = - ] || [ "$holder" = "$me" ] || may_not
}
# From here on this host acts alone, and the other cannot: the witness holds to the first that asks. Without a witness
# nothing is asked. Succeeds, or says `why`.
claim() {
  [ -n "$witness" ] || return 0
  holder=$(ask_witness "${1:-claim}")
  [ "$holder" = "$me" ] || may_not
}
# Nobody acts alone any more.
release() { [ -z "$witness" ] || ! heard_witness || [ "$holder" != "$me" ] || [ "$(ask_witness release)" != - ] || put holder "$asked -"; }

# Less than this is full: a commit that finds no room for its log hangs, and a server that hangs cannot be asked to stop.
least_room_kb=131072
# Whether data and binary logs have room.
has_room() {
  [ -s "$run/volumes" ] || here -e "SELECT CONCAT(@@datadir, ' ', LEFT(@@log_bin_basename, LENGTH(@@log_bin_basename) - LOCATE('/', REVERSE(@@log_bin_basename))))" >"$run/volumes" 2>/dev/null
  read -r volumes <"$run/volumes" || return 0
  df -P $volumes 2>/dev/null | {
    read -r _
    while read -r _ _ _ free _; do [ "$free" -ge "$least_room_kb" ] || exit 1; done
  }
}
# Whether the other could take over: it has written its own row lately (`role check`), which it does only where it has room.
peer_can_write() {
  [ "$(there -e "SELECT COUNT(*) > 0 FROM holdfast.beat WHERE node <> '$me' AND node NOT LIKE '%/log' AND at > UTC_TIMESTAMP() - INTERVAL 10 SECOND" 2>/dev/null)" = 1 ]
}
# The sequence number of a GTID position; of several domains the sum, which grows with each.
seq() {
  total=0 rest=$1
  while [ -n "$rest" ]; do
    one=${rest%%,*}
    [ "$one" = "$rest" ] && rest='' || rest=${rest#*,}
    total=$((total + ${one##*-}))
  done
  seq=$total
}

# --- two sessions that stay open, and say ten times a second how the servers are --------------------------------------

# The order matters: first what there is, then whether commits still wait for the standby.
questions() {
  while now; do
    echo "SELECT '$now' AS sent, @@gtid_binlog_pos AS pos, @@read_only AS ro,
 @@rpl_semi_sync_master_timeout AS wait, (SELECT COALESCE(MAX(epoch),0) FROM holdfast.lead) AS epoch\\G
SELECT VARIABLE_VALUE AS semi FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='RPL_SEMI_SYNC_MASTER_STATUS'\\G
SELECT VARIABLE_VALUE AS clients FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME='RPL_SEMI_SYNC_MASTER_CLIENTS'\\G
SELECT COALESCE(MAX(TIME_MS),0) AS oldest FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for semi-sync ACK%'\\G" || return
    [ "$1" = peer ] || echo 'SHOW SLAVE STATUS\G' || return
    echo "SELECT 'x' AS done\\G" || return
    sleep 0.1
  done
}
answers() {
  iopos= iorun=No sqlrun=No ioerr=0 sqlerr=0
  while read -r key value; do
    case $key in
    sent:) sent=$value ;; pos:) pos=$value ;; ro:) ro=$value ;; wait:) wait=$value ;;
    epoch:) epoch=$value ;; semi:) semi=$value ;; clients:) clients=$value ;; oldest:) oldest=${value%.*} ;;
    Gtid_IO_Pos:) iopos=$value ;; Slave_IO_Running:) iorun=$value ;; Slave_SQL_Running:) sqlrun=$value ;;
    Last_IO_Errno:) ioerr=$value ;; Last_SQL_Errno:) sqlerr=$value ;;
    done:)
      put "$1" "$sent ${ro:-1} ${wait:-0} ${semi:-OFF} ${clients:-0} ${oldest:-0} ${epoch:-0} ${pos:--} ${iopos:--} $iorun $sqlrun $ioerr $sqlerr"
      iopos= iorun=No sqlrun=No ioerr=0 sqlerr=0
      ;;
    esac
  done
}
# Nothing is proven any more: what was received and not applied yet is gone.
unproven() { rm -f "$run/level" "$run/owed"; }
# A server that went down comes back without what it had not applied; what was heard of it may be of another database.
# Before a session as well: the loop may be writing its proof as one ends.
forget() { unproven; rm -f "$run/local"; }
ask() {
  while :; do
    [ "$1" = peer ] || forget
    questions "$1" 2>/dev/null | {
      exec 3<&0
      "$client" --defaults-file="$etc/$1.cnf" -n -B <&3 2>"$run/$1.error" &
      echo $! >"$run/$1.pid"
      wait $!
    } | answers "$1"
    [ "$1" = peer ] || { forget; give_up; }
    sleep 0.2
  done
}
# The session here ended: where the server is gone, so is the address, before anybody has to count to three.
give_up() {
  vip
  [ "$vip" = MASTER ] || return 0
  here -e 'DO 1' 2>/dev/null || { printf '1\n' >"$vip_run/aside"; : >"$run/gave-up"; }
}
# heard NAME: sets h_*; false where nothing was heard for a second.
heard() {
  h_sent= h_ro=1 h_epoch=0
  [ -r "$run/$1" ] || return 1
  reads=0
  # For a moment, while it is written, it is empty: that is not silence.
  until read -r h_sent h_ro h_wait h_semi h_clients h_oldest h_epoch h_pos h_iopos h_iorun h_sqlrun h_ioerr h_sqlerr <"$run/$1" && [ -n "${h_sqlerr:-}" ]; do
    reads=$((reads + 1)); [ "$reads" -lt 3 ] || return 1
    sleep 0.01
  done
  age_ms "$h_sent"
  [ "$age_ms" -lt 1000 ]
}
both() {
  heard peer; peer_is_heard=$?
  p_sent=$h_sent p_ro=$h_ro p_wait=$h_wait p_semi=$h_semi p_oldest=$h_oldest p_epoch=$h_epoch p_pos=$h_pos p_clients=$h_clients
  heard local
}

# --- promote --------------------------------------------------------------------------------------------------------

vip() {
  vip=
  [ ! -r "$vip_run/state" ] || read -r vip <"$vip_run/state"
  # Until the address is laid out nobody says who owns it: a server that leads, and restarts, leads again.
  [ -n "$vip" ] || [ -d "$vip_state" ] || { role; [ "$role" != primary ] || vip=MASTER; }
}
role() { read -r role <"$state/role"; }

# Succeeds where this host holds every acknowledged commit; otherwise `why` says what speaks against it.
may_lead() {
  role
  if ! both; then why='the server here does not answer'; return 1; fi
  if [ -e "$state/seeding" ]; then why='its copy is not whole'; return 1; fi
  # It cannot apply what it received, so it never will lead: the address must not wait here for that.
  if [ "$role" != primary ] && [ "$h_sqlerr" != 0 ]; then why="replication is broken by error $h_sqlerr"; return 1; fi
  if [ -r "$run/fenced" ] && read -r fenced <"$run/fenced" && age_ms "$fenced" && [ "$age_ms" -lt 5000 ]; then
    why='writes were stopped here for a switch'; return 1
  fi
  # The proof says that the other can have acknowledged nothing that is not here, be it dead, cut off or alive.
  if [ "$role" != primary ] && proven; then
    heard_witness && { may_be_alone; return; }
    # A silent one is no reason to be unfit for a switch, which needs none, nor as the other falls silent: it is asked then.
    [ -z "$witness" ] || [ "$peer_is_heard" = 0 ] || is_fresh || { may_not; return; }
    return 0
  fi
  if [ "$peer_is_heard" = 0 ]; then
    if [ "$p_ro" = 0 ]; then why="$peer is writable"; return 1; fi
    if [ "$p_epoch" -gt "$h_epoch" ]; then why="$peer led later (epoch $p_epoch, here $h_epoch)"; return 1; fi
    [ "$p_epoch" = "$h_epoch" ] || return 0
    seq "$(received)"; mine=$seq; seq "${p_pos#-}"
    if [ "$mine" -ge "$seq" ]; then return 0; fi
    why="$peer holds more ($p_pos)"; return 1
  fi
  if [ "$role" = primary ]; then
    # With a witness the other cannot have acted alone without being its holder.
    if [ -n "$witness" ]; then may_be_alone; return; fi
    [ ! -e "$state/alone" ] || return 0
    why="$peer is silent, and may have taken over while this host was away"; return 1
  fi
  why="$peer is silent, and nothing proves that this host was level with it"
  return 1
}
# Whether the last proof that this host is level still holds. Under `stop` the primary never acknowledges alone; with a
# witness never before it is the holder, and then this host cannot be.
proven() {
  [ -r "$run/level" ] && read -r proof <"$run/level" && [ -n "$proof" ] || return 1
  [ "$availability" != stop ] && [ -z "$witness" ] || return 0
  is_fresh
}
is_fresh() { age_ms "$proof"; [ "$age_ms" -le "$proof_ms" ]; }
# What this host has received: applied already, or in its relay log.
received() {
  seq "${h_iopos#-}"; io=$seq; seq "${h_pos#-}"
  if [ "$io" -gt "$seq" ]; then printf '%s' "${h_iopos#-}"; else printf '%s' "${h_pos#-}"; fi
}

# Ends what is received from the other, and says how far this host is. Killed rather than stopped: a semi-synchronous
# receiver that ends asks its master to end the dump, waits for one without power for seconds
# (rpl_semi_sync_slave_kill_conn_timeout), and STOP SLAVE waits with it. A killed one acknowledges no more than the event
# it has in hand (sql/slave.cc, handle_slave_io), so that one is waited for.
hush() {
  named <<'END'
DELIMITER |
BEGIN NOT ATOMIC
  DECLARE receiver BIGINT DEFAULT (SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE COMMAND = 'Slave_IO');
  DECLARE tries INT DEFAULT 0;
  IF receiver IS NOT NULL THEN
    KILL receiver;
    REPEAT DO SLEEP(0.005); SET tries = tries + 1;
    UNTIL tries > 2000 OR NOT EXISTS (SELECT * FROM information_schema.PROCESSLIST
      WHERE ID = receiver AND (COMMAND <> 'Killed' OR STATE LIKE 'Queueing%' OR STATE LIKE '%relay log space%'))
    END REPEAT;
  END IF;
END|
DELIMITER ;
SHOW SLAVE STATUS;
SELECT @@gtid_slave_pos AS applied, @@read_only AS ro;
END
}
promote() {
  printf '%s\n' "$$" >"$run/promoting"
  lead "$@"; led=$?
  rm -f "$run/promoting"
  return "$led"
}
# A promotion that applies a long relay log is no reason to give the address up.
promoting() { [ -r "$run/promoting" ] && read -r pid <"$run/promoting" && kill -0 "$pid" 2>/dev/null; }
peer_is_fenced() { [ "$peer_is_heard" = 0 ] && [ "$p_ro" = 1 ]; }
# A silent witness takes its time to be silent, which nobody has whose peer is being fenced.
may_ask() { [ -z "$witness" ] || [ "$peer_is_heard" != 0 ] || may_be_alone; }
lead() {
  force=${1:-} alone=yes
  [ "$force" != force ] || both
  if [ "$force" = force ]; then claim force || note "$why"
  elif ! may_ask || ! claim; then
    # A switch needs no witness: nothing is acknowledged here either before the other follows.
    peer_is_fenced || return 1
    alone=no
  fi
  # Who fails from here on and is no primary gives back what it claimed (as_standby).
  while :; do
    # Silence to the other first: what is not acknowledged by then never will be from here.
    why='the server here does not answer'
    here_is=$(hush 2>/dev/null) || return 1
    io= running=No error=0 applied= ro=1
    while read -r key value; do
      case $key in Gtid_IO_Pos:) io=$value ;; Slave_SQL_Running:) running=$value ;; Last_SQL_Errno:) error=$value ;; applied:) applied=$value ;; ro:) ro=$value ;; esac
    done <<END
$here_is
END
    # The loop and keepalived's word may both have come here.
    [ "$ro" = 1 ] || return 0
    [ -n "$io" ] || break
    seq "$applied"; done=$seq; seq "$io"
    [ "$done" -lt "$seq" ] || break
    if [ "$error" != 0 ]; then why="replication is broken by error $error"; return 1; fi
    # A thread that was never started, or was stopped by hand, has the relay log still to apply.
    [ "$running" = Yes ] || here -e 'START SLAVE SQL_THREAD' 2>/dev/null
    # Nothing more is received, so that all there is has then been applied.
    waited=$(here -e "SELECT MASTER_GTID_WAIT('$io', 1)" 2>/dev/null) || sleep 0.1
    [ "$waited" != 0 ] || { applied=$io; break; }
    vip
    if [ "$vip" != MASTER ] && [ "$force" != force ]; then why='the address has moved on'; return 1; fi
  done
  vip
  if [ "$vip" != MASTER ] && [ "$force" != force ]; then why='the address has moved on'; return 1; fi
  # The pair's own row waits for nobody. Turned on, the server waits with each commit; `alone` a millisecond, once.
  [ "$alone" = yes ] && wait=1 || wait=$wanted_wait
  here -e "STOP SLAVE SQL_THREAD; SET GLOBAL rpl_semi_sync_slave_enabled=0, rpl_semi_sync_master_enabled=0;
SET @at=@@gtid_binlog_pos;
INSERT INTO holdfast.lead (epoch, node, gtid, at) SELECT GREATEST(COALESCE(MAX(epoch),0), ${p_epoch:-0})+1, '$me', @at, UTC_TIMESTAMP() FROM holdfast.lead;
SET GLOBAL rpl_semi_sync_master_timeout=$wait, rpl_semi_sync_master_enabled=1;
SET GLOBAL read_only=0;" || return 1
  # Above anything the other may still claim, until it follows.
  wish 200
  # Until these are on disk a crash leaves a standby, which is the safe side; the epoch is in the database itself.
  durable role primary
  durable alone "$peer"
  unproven
  note "promoted at ${applied:-its own position}"
}

# --- demote ---------------------------------------------------------------------------------------------------------

strangers="USER NOT IN ('system user','event_scheduler','$account') AND COMMAND NOT LIKE 'Binlog Dump%' AND NOT (USER='root' AND HOST='localhost')"
# Who waits for an acknowledgement leads a group of commits, and with it the whole group is let go: so it is cut off after
# the others of the group, none of whom may hear that it was acknowledged.
cut_off="DELIMITER |
BEGIN NOT ATOMIC
  DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;
  FOR one IN (SELECT ID FROM information_schema.PROCESSLIST WHERE $strangers AND COALESCE(STATE,'') NOT LIKE 'Waiting for semi-sync ACK%') DO KILL one.ID; END FOR;
  FOR one IN (SELECT ID FROM information_schema.PROCESSLIST WHERE $strangers AND STATE LIKE 'Waiting for semi-sync ACK%') DO KILL one.ID; END FOR;
END|
DELIMITER ;"
kill_writers() { printf '%s\n' "$cut_off" | here >/dev/null 2>&1; }
# No commit is acknowledged here any more. Waits for nobody: who waits for the other's acknowledgement is cut off.
demote() {
  wish 0
  # A standby has nothing to stop, and its readers may stay.
  role
  [ "$role" = primary ] || [ "$(here -e 'SELECT @@read_only' 2>/dev/null)" != 1 ] || return 0
  rm -f "$run/readonly"
  { here -e 'SET GLOBAL read_only=1' 2>/dev/null; : >"$run/readonly"; } &
  tries=0
  while kill_writers; [ ! -e "$run/readonly" ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1)); sleep 0.02
  done
  # One that hangs (a full disk, a disk that does not answer) acknowledges nothing any more, nor ever after.
  [ -e "$run/readonly" ] || { systemctl kill -s KILL mariadb.service; note 'fenced: the server did not stop writing, and was killed'; return; }
  kill_writers
  note 'fenced: read-only, no client connected'
}

# Before a switch, in one session, because clients wait: no more writes, nobody connected, and one commit more. A commit
# is acknowledged by the standby in its order, so that it has all before this one.
hand_over() {
  wish 0
  # Nobody waits without end for a standby that has just gone.
  last="$(timeout 5 "$client" --defaults-file="$etc/local.cnf" -N -B 2>/dev/null <<END
SET SESSION lock_wait_timeout = 1;
SET GLOBAL read_only = 1;
$cut_off
REPLACE INTO holdfast.beat VALUES ('$me/log', UTC_TIMESTAMP(3));
SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'RPL_SEMI_SYNC_MASTER_STATUS';
END
)"
  [ "$last" != ON ] || { note 'fenced: read-only, no client connected'; return 0; }
  here -e 'SET GLOBAL read_only=0'
  return 1
}

# --- follow ---------------------------------------------------------------------------------------------------------

# As primary, without the standby: commits that wait are acknowledged, and later ones at once.
go_on_alone() {
  if claim; then
    durable alone "$peer"
    # Turned off, it lets those go that wait; on again, it notices at the first commit that nobody is there.
    here -e "SET GLOBAL rpl_semi_sync_master_timeout=1, rpl_semi_sync_master_enabled=0; SET GLOBAL rpl_semi_sync_master_enabled=1;
REPLACE INTO holdfast.beat VALUES ('$me/log', UTC_TIMESTAMP(3))"
    note "alone: $peer does not acknowledge, and the witness $witness agrees"
  elif [ -n "$holder" ] || [ "$peer_is_heard" != 0 ]; then demote; note "fenced: $why"
  else note "waiting: $peer does not acknowledge, and $why"
  fi
}

# What only this host has is kept as a file and said; it never vanishes, and never comes back by itself.
save_diverged() {
  from=$1
  [ ! -e "$state/diverged" ] || return 0
  file="$state/diverged-$(date -u +%Y%m%dT%H%M%SZ).sql"
  binlog=mariadb-binlog
  command -v "$binlog" >/dev/null 2>&1 || binlog=mysqlbinlog
  base=$(here -e 'SELECT @@log_bin_basename')
  set -- $(sed "s|^\./|$(dirname "$base")/|" "$base.index")
  if ! "$binlog" -vv --start-position="$from" "$@" >"$file" 2>"$run/binlog.error"; then
    # Before 10.8 it knows no GTID here: then all that there is, so that nothing of it is left out.
    if ! "$binlog" -vv "$@" >"$file" 2>>"$run/binlog.error"; then
      rm -f "$file"
      note "what only this host has after $from cannot be saved: $(tail -n 1 "$run/binlog.error")"
      return 1
    fi
  fi
  durable diverged "$file"
  note "diverged: transactions after $from that only this host has are in $file"
}
follow() {
  # Before the lock is taken: a peer that just lost its power answers late, and a promotion must not wait for that.
  known=$h_epoch
  fork=$(there -e "SELECT gtid FROM holdfast.lead WHERE epoch > $known ORDER BY epoch LIMIT 1") || return 1
  # Who led when, as the other has it.
  since=$((known > 20 ? known - 20 : 0))
  theirs=$(there -e "SELECT GROUP_CONCAT(QUOTE(CONCAT(epoch, ':', node))) FROM holdfast.lead WHERE epoch > $since") || return 1
  (locked take_up)
}
take_up() {
  [ ! -e "$state/seeding" ] || return 1
  # Asked anew: who waited for the lock may have waited for a promotion, or for a copy that put another database in place,
  # of which the loop has heard nothing yet.
  live=$(here -e "SELECT @@read_only, COALESCE(MAX(epoch),0), IF(@@gtid_binlog_pos='','-',@@gtid_binlog_pos), IF(@@gtid_slave_pos='','-',@@gtid_slave_pos) FROM holdfast.lead") || return 1
  read -r ro epoch own applied <<END
$live
END
  [ "$ro" = 1 ] && [ "$epoch" = "$known" ] || return 1
  # It led when the other knows of nobody, or of itself (both went on alone, or a person chose): what it wrote then is only here.
  case $theirs in
  '' | NULL) ;;
  *)
    apart=$(here -e "SELECT CONCAT('at ', gtid) FROM holdfast.lead WHERE epoch > $since AND CONCAT(epoch, ':', node) NOT IN ($theirs) ORDER BY epoch LIMIT 1") || return 1
    if [ -n "$apart" ]; then save_diverged "${apart#at }"; return 1; fi
    ;;
  esac
  seq "${own#-}"; own=$seq
  if [ -n "$fork" ]; then
    seq "$fork"
    if [ "$own" -gt "$seq" ]; then save_diverged "$fork"; return 1; fi
  fi
  seq "${applied#-}"
  [ "$own" -gt "$seq" ] && from='@own' || from='@@gtid_slave_pos'
  password=$(sed -n 's/^password="\{0,1\}\(.*[^"]\)"\{0,1\}$/\1/p' "$etc/peer.cnf")
  # The relay log goes with CHANGE MASTER, and with it what was acknowledged and not applied yet.
  unproven
  # On standard input: nobody sees it in the list of processes.
  printf '%s\n' "STOP SLAVE;
SET @own = @@gtid_binlog_pos;
SET GLOBAL gtid_slave_pos = $from;
CHANGE MASTER TO MASTER_HOST='$peer', MASTER_PORT=$port, MASTER_USER='$account', MASTER_PASSWORD='$password',
 MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1, MASTER_USE_GTID=slave_pos$master_ssl;
SET GLOBAL rpl_semi_sync_master_enabled=0, rpl_semi_sync_slave_enabled=1; START SLAVE;" | here 2>"$run/follow.error" || {
    note "cannot follow $peer: $(tail -n 1 "$run/follow.error")"
    return 1
  }
  durable role standby
  rm -f "$state/alone"
  note "follows $peer"
}

# --- the loop's duties ----------------------------------------------------------------------------------------------

as_primary() {
  if [ "$vip" != MASTER ] && [ -n "$vip" ]; then (locked demote); return; fi
  # Who led earlier gives in, also to one that is fenced already: it may hold what is not here, and may_lead judges so, too.
  if [ "$peer_is_heard" = 0 ] && [ "$p_epoch" -gt "$h_epoch" ]; then (locked demote); return; fi
  # Acknowledges nothing any more, since it is not the witness's holder: this is for who reads here.
  if [ -n "$witness" ] && [ "$h_wait" != 1 ] && { [ "$peer_is_heard" != 0 ] || [ "$p_ro" = 0 ]; } && ! may_be_alone; then
    (locked demote); return
  fi
  # What was heard before the last change says nothing of it.
  [ "$h_sent" -gt "$changed" ] || return 0
  rm -f "$state/diverged"
  now
  if [ "$now" -ge "$next_look" ]; then
    next_look=$((now + 50))
    # At once, while commits still work and the standby is level.
    has_room || ! peer_can_write || { printf '1\n' >"$vip_run/aside"; note 'no room for what is written: the address is given up'; return; }
  fi
  if [ "$h_semi" = ON ] && [ "${h_clients:-0}" -gt 0 ]; then
    if [ "$h_wait" != "$wanted_wait" ] || [ -e "$state/alone" ]; then
      rm -f "$state/alone" && sync "$state" 2>/dev/null
      here -e "SET GLOBAL rpl_semi_sync_master_timeout=$wanted_wait" && note "together: commits wait for $peer"
      wish 100
    else release
    fi
    put state together
  else
    if [ "$h_semi" = ON ] && [ "$h_wait" != 1 ]; then put state waiting
    else
      # The server went on by itself. That both are together again it may not say by itself: first `alone` must be gone.
      [ -e "$state/alone" ] || { durable alone "$peer"; note "alone: $peer does not acknowledge"; }
      [ "$h_wait" = 1 ] || here -e 'SET GLOBAL rpl_semi_sync_master_timeout=1'
      put state alone; wish 200
    fi
    # The server begins to wait again with an acknowledgement; a database that nobody writes to has none.
    [ "$h_semi" = ON ] || [ "${h_clients:-0}" = 0 ] || here -e "REPLACE INTO holdfast.beat VALUES ('$me/log', UTC_TIMESTAMP(3))"
  fi
  if [ -n "$witness" ] && [ "$availability" = continue ] && [ "$h_wait" != 1 ] && [ "${h_oldest:-0}" -gt "$ack_timeout_ms" ]; then
    now; [ "$now" -lt "$next_try" ] || { (locked go_on_alone); now; changed=$now next_try=$((now + 100)); }
  fi
}
# What the peer had written when it was asked: owed_sent, owed. Of this epoch, and of what this server has received since it
# started; otherwise false.
owes() { [ -r "$run/owed" ] && read -r owed_sent owed of <"$run/owed" && [ "$of" = "$p_epoch" ]; }
owe() { owed_sent=$p_sent owed=$p_pos; put owed "$owed_sent $owed $p_epoch"; }
as_standby() {
  # A standby never acts alone. Who led alone keeps the claim until it follows: the other lacks what it committed.
  role; [ "$role" = primary ] || promoting || release
  if [ -e "$state/seeding" ]; then unproven; put state seeding; return; fi
  if [ "$peer_is_heard" = 0 ] && [ "$p_ro" = 0 ]; then
    if [ "$h_iorun" = Yes ] && [ "$h_sqlrun" = Yes ]; then
      if [ "$p_semi" = ON ] && [ "$p_wait" = "$wanted_wait" ] && [ "$p_clients" -gt 0 ] &&
        [ "$p_oldest" -lt "$oldest_waiter_ms" ]; then
        # Both are asked at times of their own: under many writes the peer's newest position may never be here yet. That all
        # of an older one is here is a proof of its time.
        owes || owe
        seq "${owed#-}"; theirs=$seq; seq "$(received)"
        if [ "$seq" -ge "$theirs" ]; then put level "$owed_sent"; put state level; owe; fi
      else rm -f "$run/owed"
      fi
      proven || put state behind
    elif [ "$h_sqlerr" != 0 ]; then put state "broken by error $h_sqlerr"
    elif [ -e "$state/diverged" ]; then put state diverged
    elif [ "$h_ioerr" = 1236 ]; then put state "broken: $peer no longer has what is missing here"
    elif [ "$h_iorun" != Connecting ] || [ "$h_ioerr" != 0 ]; then
      now
      [ "$now" -lt "$next_try" ] || { next_try=$((now + 200)); follow; }
      put state joining
    fi
  else proven || put state waiting
  fi
}
locked() { exec 9>"$run/lock"; flock 9; "$@" 9>&-; }
try_promote() {
  vip
  [ "$vip" = MASTER ] || return 1
  ! may_lead || ! promote || return 0
  [ "$h_ro" = 1 ] || return 0
  [ "$why" = "$(cat "$run/refused" 2>/dev/null)" ] || { put refused "$why"; note "not promoted: $why"; }
  return 1
}

case ${1:-} in
loop)
  rm -f "$run/peer" "$run/refused"
  trap 'kill 0' EXIT
  trap 'exit 0' TERM INT
  ask local & ask peer &
  [ -z "$witness" ] || watch_witness &
  next_try=0 next_look=0 changed=0
  while :; do
    vip
    if ! both; then put state down
    elif [ -e "$run/gave-up" ]; then rm -f "$run/gave-up"; printf '0\n' >"$vip_run/aside"
    elif [ "$h_ro" = 0 ]; then as_primary
    elif [ "$vip" = MASTER ]; then put state promoting; (locked try_promote)
    else as_standby
    fi
    # A session to a host that lost its power waits for ever.
    if [ "$peer_is_heard" != 0 ] && [ -r "$run/peer.pid" ] && [ -n "$p_sent" ]; then
      age_ms "$p_sent"
      [ "$age_ms" -lt 2000 ] || { read -r pid <"$run/peer.pid" && kill "$pid" 2>/dev/null; : >"$run/peer"; }
    fi
    sleep 0.1
  done
  ;;
notify)
  if [ "${2:-}" = MASTER ]; then
    tries=0
    until (locked try_promote); do
      tries=$((tries + 1))
      vip
      # The loop goes on trying.
      [ "$vip" = MASTER ] && [ "$tries" -lt 40 ] || exit 1
      sleep 0.05
    done
  else (locked demote)
  fi
  ;;
check)
  # There is room, or no more of it at the other; the engine takes a commit, and this host would lose nothing by leading.
  has_room || { both && [ "$h_ro" = 0 ] && ! peer_can_write; } || exit 1
  here -e "SET SESSION sql_log_bin=0; REPLACE INTO holdfast.beat VALUES ('$me', UTC_TIMESTAMP(3))" || exit 1
  both || exit 1
  [ "$h_ro" = 0 ] || promoting || may_lead && exit 0
  # Read-only, and so it stays: clients at the address would read what may be old. Better none, though nobody else is well.
  exit 3
  ;;
fence)
  both || { echo 'the server here does not answer' >&2; exit 1; }
  [ "$h_ro" = 0 ] || exit 0
  if [ "$peer_is_heard" != 0 ] || [ "$h_semi" != ON ] || [ "$h_clients" -lt 1 ]; then
    echo "$peer is not level" >&2; exit 1
  fi
  now; put fenced "$now"
  (locked hand_over) && exit 0
  rm -f "$run/fenced"; wish 100
  echo "$peer did not get everything in time" >&2
  exit 1
  ;;
init)
  claim || { echo "$why" >&2; exit 1; }
  durable role primary
  durable alone "$peer"
  here -e "INSERT INTO holdfast.lead (epoch, node, gtid, at) SELECT 1, '$me', @@gtid_binlog_pos, UTC_TIMESTAMP() FROM DUAL WHERE NOT EXISTS (SELECT * FROM holdfast.lead);
SET GLOBAL rpl_semi_sync_master_timeout=1, rpl_semi_sync_master_enabled=1;
SET GLOBAL read_only=0"
  ;;
lead) (locked promote force || { echo "$why" >&2; exit 1; }) ;;
status)
  vip; role; both
  printf '%s\n' "role $role" "vip ${vip:-none}" "readonly $h_ro" "semi ${h_semi:-?}" "wait ${h_wait:-?}" "epoch $h_epoch" \
    "position ${h_pos:-?}" "peerheard $peer_is_heard" "peerreadonly $p_ro" "io ${h_iorun:-?}" "sql ${h_sqlrun:-?}" \
    "state $(cat "$run/state" 2>/dev/null)" "witness $(heard_witness; echo "${holder:-?}")" "said $(cat "$run/said" 2>/dev/null)" "diverged $(cat "$state/diverged" 2>/dev/null)"
  ;;
*) echo "usage: role loop|notify|check|fence|init|lead|status" >&2; exit 2 ;;
esac
