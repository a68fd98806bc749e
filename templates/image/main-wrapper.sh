#!/bin/sh
# shellcheck shell=sh
# The container's command: a program as it is, anything else is for hermes. Written by hermes-s6gen compile; an edit
# here is lost.

# First pass, maybe root's: absolute paths, and only then the container's environment.
if [ "${1-}" != --as-run-user ]; then
    set -- {{ s6_bin }}/with-contenv /bin/sh {{ own_path }} --as-run-user "$@"
    if [ "$(/usr/bin/id -u)" -eq 0 ]; then
        set -- {{ s6_bin }}/s6-setuidgid {{ user }} "$@"
    fi
    exec "$@"
fi
shift

HOME=${HERMES_HOME:-/opt/data}
export HOME
if [ $# -gt 0 ] && command -v -- "$1" >/dev/null; then
    exec "$@"
fi
exec {{ front }} "$@"
