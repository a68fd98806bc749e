#!/bin/sh
# shellcheck shell=sh
# At every boot, before anything of Hermes runs: the home on the volume becomes the run user's. Written by
# hermes-s6gen compile; an edit here is lost.

set -- {{ program }} --s6-bin {{ s6_bin }} --user {{ user }} prepare-home
{% include "image/clean-environment.sh" %}

# Trouble is told in the container's log. A container that boots can be mended, one that does not cannot.
"$@" || echo "hermes-s6gen: prepare-home: exit code $?: the boot goes on"
exit 0
