#!/bin/sh
# shellcheck shell=sh
# Holds the place of the container's command, which is no service. Written by hermes-s6gen compile; an edit here is
# lost.

exec /bin/sleep infinity
