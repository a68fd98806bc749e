#!/bin/sh
# shellcheck shell=sh
# Does for the run user what only root may: register and unregister gateways. Written by hermes-s6gen compile; an edit
# here is lost.

exec 2>&1

# 78 keeps it down (see finish).
if [ "$(/usr/bin/id -u)" -ne 0 ]; then
    # The whole container is the run user's, the scan directory too. Nobody need wait for this.
    echo >&3
    exit 78
fi

umask 022
/bin/mkdir -p {{ directory }}
# Where /run is open to all, somebody else may have been here first.
owner=$(/usr/bin/stat -c %u:%a {{ directory }})
if [ "$owner" != 0:755 ] || [ -L {{ directory }} ]; then
    echo "hermes-s6gen: serve" {{ directory }}": is not root's own: nobody can register through it"
    exit 78
fi
# Ids can change from boot to boot, so the run user's rule is not among those of the image.
uid=$(/usr/bin/id -u {{ user }}) || exit 78
/bin/rm -rf {{ directory }}/rules
/bin/cp -R {{ rules }} {{ directory }}/rules
/bin/mkdir -p {{ directory }}/rules/uid/"$uid"
: >{{ directory }}/rules/uid/"$uid"/allow

# What is asked comes after --, where nothing is an option. Only the answer goes to who asks; it never gets a
# descriptor of root's, and root waits for no pipe of its.
set -- {{ s6_bin }}/s6-sudod -0 -2 -t 5000 {{ program }} --s6-bin {{ s6_bin }} --user {{ user }} registrar --
set -- {{ s6_bin }}/s6-ipcserver-access -v 1 -E -i {{ directory }}/rules "$@"
set -- {{ s6_bin }}/s6-ipcserver -1 -a 0666 -c 128 -C 96 {{ socket }} "$@"
{% include "image/clean-environment.sh" %}

exec "$@" >&3 3>&-
