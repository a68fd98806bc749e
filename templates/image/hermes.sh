#!/bin/sh
# shellcheck shell=sh
# hermes as this image has it: never root's, and gateways are s6's. Written by hermes-s6gen compile; an edit here is
# lost.

# Files that root writes into the home would be nobody's but root's.
if [ "$(/usr/bin/id -u)" -eq 0 ]; then
    case ${HERMES_DOCKER_EXEC_AS_ROOT-} in
    1 | true | TRUE | True | yes | YES | Yes) ;;
    *)
        if [ ! -x {{ s6_bin }}/s6-setuidgid ]; then
            echo "hermes: run" {{ s6_bin }}"/s6-setuidgid: is not there, so root cannot become" {{ user }} >&2
            echo "  try: HERMES_DOCKER_EXEC_AS_ROOT=1 hermes ..., as root" >&2
            exit 126
        fi
        HOME=${HERMES_HOME:-/opt/data}
        export HOME
        exec {{ s6_bin }}/s6-setuidgid {{ user }} {{ own_path }} "$@"
        ;;
    esac
fi
if [ ! -x {{ hermes }} ]; then
    echo "hermes: run" {{ hermes }}": is not there or may not be run" >&2
    exit 127
fi

home=${HERMES_HOME:-/opt/data}
case $home in
*/profiles/*) root=${home%/profiles/*} ;;
*) root=$home ;;
esac

s6gen() {
    {{ program }} --s6-bin {{ s6_bin }} --user {{ user }} --home "$home" "$@"
}

# The verbs of `hermes gateway` that are the supervisor's. Returns where it is another command.
gateway() {
    profile=
    word=
    while [ $# -gt 0 ]; do
        case $1 in
        -p | --profile)
            [ $# -ge 2 ] || return
            profile=$2
            shift
            ;;
        -p?*) profile=${1#-p} ;;
        --profile=*) profile=${1#*=} ;;
        gateway)
            [ -z "$word" ] || return
            word=gateway
            ;;
        *) break ;;
        esac
        shift
    done
    [ "$word" = gateway ] || return
    case ${1-} in
    install | uninstall)
        s6gen gateway "$1"
        exit
        ;;
    start | stop | restart | status | logs) ;;
    *) return ;;
    esac
    verb=$1
    shift
    # The profile in use, where the command names none and is not run for one.
    if [ -z "$profile" ] && [ "$home" = "$root" ] && [ -f "$root"/active_profile ]; then
        read -r profile <"$root"/active_profile || :
        for word in "$@"; do
            case $word in
            -p* | --profile | --profile=* | --all) profile= ;;
            esac
        done
    fi
    s6gen gateway "$verb" ${profile:+-p "$profile"} "$@"
    exit
}

# The profiles, one a line.
profiles() {
    for soul in "$root"/profiles/*/SOUL.md; do
        [ ! -f "$soul" ] || printf '%s\n' "${soul%/SOUL.md}"
    done
}

# The lines of $1 that $2 has not.
without() {
    printf '%s\n' "$1" | while IFS= read -r line; do
        printf '%s\n' "$2" | /bin/grep -qxF -e "$line" || printf '%s\n' "${line##*/}"
    done
}

# Lets Hermes do what it does with profiles, then brings the slots in step: what was created, imported or installed
# gets one, down; what was deleted loses it; what was renamed keeps what was wanted of it.
profile() {
    before=$(profiles)
    {{ hermes }} "$@"
    code=$?
    after=$(profiles)
    gone=$(without "$before" "$after")
    new=$(without "$after" "$before")
    case $gone:$new in
    :) ;;
    *"
"* | :* | *:)
        printf '%s\n' "$gone" | while IFS= read -r name; do
            [ -z "$name" ] || s6gen profile deleted "$name" </dev/null >&2
        done
        printf '%s\n' "$new" | while IFS= read -r name; do
            [ -z "$name" ] || s6gen profile created "$name" </dev/null >&2
        done
        ;;
    *) s6gen profile renamed "$gone" "$new" </dev/null >&2 ;;
    esac
    exit "$code"
}

gateway "$@"
for word in "$@"; do
    case $word in
    -*) ;;
    profile) profile "$@" ;;
    *) break ;;
    esac
done
exec {{ hermes }} "$@"
