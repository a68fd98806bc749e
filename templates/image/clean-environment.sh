# Of the container's environment, what concerns this program and no more: its PATH or LD_PRELOAD may name a file that
# the run user wrote. One that is empty is as good as none, and s6-sudod would take it from who asks.
for name in GATEWAY_MULTIPLEX_PROFILES HERMES_GATEWAY_AUTOSTART HERMES_GATEWAY_BACKOFF_FIRST \
    HERMES_GATEWAY_BACKOFF_HEALTHY HERMES_GATEWAY_BACKOFF_MOST HERMES_GATEWAY_CAP_DEATHS HERMES_GATEWAY_CAP_SECONDS \
    HERMES_GATEWAY_LOG_FILES HERMES_GATEWAY_LOG_SIZE HERMES_GATEWAY_NO_SUPERVISE HERMES_GATEWAY_STAGGER HERMES_GID \
    HERMES_HOME HERMES_UID PGID PUID S6_PROFILE_GATEWAY_SCANDIR; do
    value=
    [ ! -f /run/s6/container_environment/"$name" ] || value=$(/bin/cat /run/s6/container_environment/"$name")
    [ -z "$value" ] || set -- "$name=$value" "$@"
done
set -- /usr/bin/env -i PATH={{ s6_bin }}:/usr/sbin:/usr/bin:/sbin:/bin HERMES_S6GEN_PROGRAM={{ program }} "$@"
