#!/bin/sh
# shellcheck shell=sh
# What a death of the gateway of Hermes profile {{ profile }} means. Rendered by hermes-s6gen; an edit here is lost.

# $1 is the exit code, or 256 for a death by signal $2. 125 tells s6-supervise to leave it down.
case $1 in
78) exit 125 ;; # EX_CONFIG: no restart mends a configuration
esac
exit 0
