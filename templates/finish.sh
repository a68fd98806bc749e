#!/bin/sh
# shellcheck shell=sh
# What a death of the gateway of Hermes profile {{ profile }} means. Rendered by hermes-s6gen; an edit here is lost.

# $1 is the exit code, or 256 for a death by signal $2. To exit 125 tells s6-supervise to leave it down.
case $1 in
78) exit 125 ;; # EX_CONFIG: no restart mends a configuration
75) exit 0 ;;   # EX_TEMPFAIL: the gateway asks for a restart
0)
    # Clean. A gateway that recorded a stop stays down; one that was caught while starting has to come back.
    # Only the run user reads the home.
    set -- {{ s6_bin }}/with-contenv {{ program }} finish {{ profile }}
    {%- if user != "root" %}
    if [ "$(/usr/bin/id -u)" -eq 0 ]; then
        set -- {{ s6_bin }}/s6-setuidgid {{ user }} "$@"
    fi
    {%- endif %}
    "$@"
    case $? in 125) exit 125 ;; esac
    ;;
esac
{%- if cap_deaths > 0 %}
exec {{ s6_bin }}/s6-permafailon {{ cap_seconds }} {{ cap_deaths }} 0-74,76-255,SIGILL,SIGABRT,SIGBUS,SIGFPE,SIGKILL,SIGSEGV,SIGTERM /bin/true
{%- else %}
exit 0
{%- endif %}
