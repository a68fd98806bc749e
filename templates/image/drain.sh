#!/bin/sh
# shellcheck shell=sh
# At container stop, before s6-overlay kills what is left: gateways end by themselves, within what s6-overlay allows
# this script. Written by hermes-s6gen compile; an edit here is lost.

budget=
file=/run/s6/container_environment/S6_KILL_FINISH_MAXTIME
[ ! -f "$file" ] || budget=$(/bin/cat "$file")
case $budget in
'' | *[!0-9]* | ????????*) budget=5000 ;; # s6-overlay's own, in milliseconds
esac
# The last second is for saying what did not end.
if [ "$budget" -gt 2000 ]; then
    budget=$((budget / 1000 - 1))
else
    budget=1
fi

set -- {{ program }} --s6-bin {{ s6_bin }} --user {{ user }} drain --timeout "$budget"
{% include "image/clean-environment.sh" %}

"$@" || echo "hermes-s6gen: drain: exit code $?: the stop goes on"
exit 0
