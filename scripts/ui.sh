# What the scripts say. Sourced, never run. A step shows its time and its command's last line on a terminal, and plain
# lines elsewhere; the command's whole output goes to build/log, and its end is shown when it fails.
# shellcheck shell=bash

UI_WATCHER=

ui_terminal() { [[ -t 1 && ${TERM:-dumb} != dumb ]]; }

say() { printf '%s\n' "$*"; }

# die WHAT [LINE ...]: the first line says what is wrong, the others how to mend it.
die() {
  printf 'passerby: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# The last thing that a log says, as printable text. Progress bars rewrite their line with \r, so that ends one too.
ui_last_line() {
  tail -c 2000 "$1" 2>/dev/null | tr '\r' '\n' | sed -e 's/\x1b\[[0-9;?]*[A-Za-z]//g' | tr -cd '[:print:]\n' |
    grep -v '^[[:space:]]*$' | tail -n 1 || true
}

# For a watcher: waits, and is true as long as there is a script to watch for. It reads from descriptor 8, a pipe that nobody
# writes to, since a `sleep` would outlive its killed watcher and keep the script's output open.
ui_pause() { read -rt "$1" -u 8 || kill -0 $$; }

ui_open_pipe() {
  mkfifo build/log/.pause.$$
  exec 8<>build/log/.pause.$$
  rm build/log/.pause.$$
}

ui_watch_terminal() {
  local label=$1 log=$2 start=$SECONDS columns line
  while ui_pause 0.3; do
    columns=$(stty size </dev/tty 2>/dev/null | cut -d' ' -f2) || true
    ((${columns:-0} > 20)) || columns=80
    line="  $label  $((SECONDS - start)) s  $(ui_last_line "$log")"
    printf '\r\033[K%s' "${line:0:columns-1}"
  done
}

ui_watch_plain() {
  local label=$1 log=$2 start=$SECONDS
  while ui_pause 30; do say "  $label: $((SECONDS - start)) s so far: $(ui_last_line "$log")"; done
}

ui_stop_watching() {
  [[ -n $UI_WATCHER ]] || return 0
  kill "$UI_WATCHER" 2>/dev/null || true
  wait "$UI_WATCHER" 2>/dev/null || true
  UI_WATCHER=
  if ui_terminal; then printf '\r\033[K'; fi
}
# Ctrl-C: wipe the line, then die of it, as a caller expects. A trap on EXIT would do too, but a watcher that is ended at
# once runs into it (bash 5.2: "wait_for: No record of process").
trap 'ui_stop_watching; trap - INT; kill -INT $$' INT

# step LABEL LOG COMMAND...: runs a command that takes a while. LOG is a name in build/log.
# The command gets neither descriptor 8 nor 9, the lock of setup.sh: what it leaves running must not hold that.
step() {
  local label=$1 log=build/log/$2.log status=0 start=$SECONDS
  shift 2
  mkdir -p build/log
  : >"$log"
  ui_open_pipe
  if ui_terminal; then
    ui_watch_terminal "$label" "$log" 2>/dev/null &
  else
    say "  $label ..."
    ui_watch_plain "$label" "$log" 2>/dev/null &
  fi
  UI_WATCHER=$!
  "$@" >"$log" 2>&1 </dev/null 8>&- 9>&- || status=$?
  ui_stop_watching
  exec 8>&-
  if ((status != 0)); then
    say "  $label: failed after $((SECONDS - start)) s. The end of $log:" >&2
    tail -n 40 "$log" | sed 's/^/    | /' >&2
    exit "$status"
  fi
  say "  $label: $((SECONDS - start)) s"
}
