# Guards one throw-away server: `sh -c THIS guard FOLDER COMMAND...`.
#
# Reads orders from standard input, one a line, and answers each with a line. When the input ends, because the
# process that holds the other end let go or died in whatever way, the server is killed and FOLDER removed.
# `keep PID SINCE RUN` hands the server over to a process that lives longer: from then on it ends with that one.
folder=$1
shift
server=
# A broken pipe must not end the guard; nor the hang-up that the system sends when a process dies whose children
# are held still, as `pause` does.
trap '' HUP PIPE
mkdir -p -m 700 "$folder" || exit 1

alive() { [ -n "$server" ] && kill -0 "$server" 2>/dev/null; }

# The processes named and all that they started. `children` is in Linux; elsewhere there is `pgrep`.
tree() {
  [ $# -gt 0 ] || return 0
  echo "$@"
  tree $(for parent; do cat "/proc/$parent/task/$parent/children" 2>/dev/null || pgrep -P "$parent"; done)
}

signal() { alive && kill "-$1" $(tree "$server") 2>/dev/null; }

# When a process began (clock ticks since boot, or a date where there is no /proc), as `run.rs` reads it; nothing once it is dead.
since() {
  if [ -r /proc/self/stat ]; then
    read -r stat 2>/dev/null <"/proc/$1/stat" || return
    set -- ${stat##*) }
    [ "$1" = Z ] || echo "${20}"
  else
    echo $(ps -o lstart= -p "$1") | tr ' ' _
  fi
} 2>/dev/null

# Whether a process runs, as against being held still or dead. Told only where there is a /proc.
state() {
  read -r stat 2>/dev/null <"/proc/$1/stat" || return
  set -- ${stat##*) }
  case $1 in T | Z | X) ;; *) echo running ;; esac
} 2>/dev/null

# Held still first, so that no new process slips through. The system takes a moment to do so; and told once is not
# enough, because the death of the process that held the other end lets go what is held still in our process group.
# Then waits for each to be gone: a PostgreSQL does not start while a backend of its predecessor is about to end.
destroy() {
  alive || return
  kill -STOP "$server"
  while [ "$(state "$server")" = running ]; do kill -STOP "$server"; done
  killed=$(tree "$server")
  kill -KILL $killed
  wait "$server"
  server=
  for process in $killed; do
    while [ -n "$(since "$process")" ]; do sleep 0.01; done
  done
} 2>/dev/null

# A PostgreSQL that was killed leaves a System V memory segment behind, named in the file that it leaves too.
release_memory() {
  [ -f "$folder/data/postmaster.pid" ] || return
  set -- $(sed -n 7p "$folder/data/postmaster.pid")
  [ -n "$2" ] && ipcrm -m "$2"
} 2>/dev/null

finish() {
  destroy
  release_memory
  tries=0
  until rm -rf "$@" 2>/dev/null || [ $tries -eq 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  exit
}

while read -r order owner born run; do
  case $order in
  start)
    "$@" </dev/null >>"$folder/log" 2>&1 &
    server=$!
    ;;
  alive) alive || { echo no; continue; } ;;
  kill) destroy ;;
  stop)
    if alive; then
      kill -INT "$server"
      signal CONT
      wait "$server"
      server=
    fi 2>/dev/null
    ;;
  pause) signal STOP ;;
  resume) signal CONT ;;
  keep)
    echo yes
    exec </dev/null >/dev/null
    while [ "$(since "$owner")" = "$born" ] && [ -d "$folder" ]; do sleep 0.2; done
    finish "$folder" "$run"
    ;;
  esac
  echo yes
done
finish "$folder"
