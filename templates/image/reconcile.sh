#!/bin/sh
# shellcheck shell=sh
# At every boot, as /run is new each time: every profile gets its slot. Written by hermes-s6gen compile; an edit here is
# lost.

set -- {{ program }} --s6-bin {{ s6_bin }} --user {{ user }} reconcile
{% include "image/clean-environment.sh" %}

# Trouble is told in the container's log. A container that boots can be mended, one that does not cannot.
"$@" || echo "hermes-s6gen: reconcile: exit code $?: the boot goes on"
exit 0
