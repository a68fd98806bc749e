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

# A gateway that s6 supervises needs no command of its own, and whether it runs has been decided at boot: an operator's
# stop stands. What is left to do is to keep the container up.
verbs=
skip=
for word in "$@"; do
    case $skip:$word in
    skip:*) skip= ;;
    :-p | :--profile) skip=skip ;;
    :--no-supervise) verbs='in the foreground' ;;
    :-* | :hermes | :*/hermes) ;;
    *) verbs="$verbs $word" ;;
    esac
done
case ${HERMES_GATEWAY_NO_SUPERVISE-}:$verbs in
1:* | true:* | yes:*) ;;
*:' gateway' | *:' gateway run') exec /bin/sleep infinity ;;
esac

HOME=${HERMES_HOME:-/opt/data}
export HOME
if [ $# -gt 0 ] && command -v -- "$1" >/dev/null; then
    exec "$@"
fi
exec {{ front }} "$@"
