#!/bin/sh
# shellcheck shell=sh
# The logger of Hermes profile {{ profile }}. Rendered by hermes-s6gen; an edit here is lost.

{% include "as-run-user.sh" %}

# -p: at container stop loggers get SIGTERM with everybody else, and the gateway's last words still have to be read.
set -- {{ s6_bin }}/s6-log -p 1
dir=${HERMES_HOME:-/opt/data}/logs/gateways/{{ profile }}

# The last logger of this slot may still be at it. Another container's logger, or a volume that takes no locks,
# must not make this one die once a second: the output then goes to the container's log alone.
if mkdir -p "$dir" && timeout 5 {{ s6_bin }}/s6-setlock "$dir"/lock true; then
    exec "$@" n{{ files }} s{{ bytes }} T "$dir"
fi
echo "hermes-s6gen: log to $dir: cannot be written or is another logger's: going on without files"
exec "$@"
