#!/bin/sh
# Runs a command in a virtual X server of its own: with_xvfb.sh [-s WxH] command…   The server picks a free display itself,
# which xvfb-run does not always manage, and is ended with the command.
set -eu
size=1600x1000
if [ "${1:-}" = -s ]; then size=$2; shift 2; fi
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT INT TERM
mkfifo "$folder/display"
Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp -noreset 3>"$folder/display" 2>"$folder/log" &
server=$!
read -r number <"$folder/display" || { cat "$folder/log" >&2; exit 1; }
export DISPLAY=":$number"
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR=$folder/runtime
    export XDG_RUNTIME_DIR
    mkdir -m 700 "$XDG_RUNTIME_DIR"
fi
status=0
"$@" || status=$?
exit "$status"
