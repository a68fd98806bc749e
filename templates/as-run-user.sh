# First pass, maybe root's: absolute paths and s6-svscan's own environment, nothing else.
# The container's environment, with its PATH and LD_PRELOAD, comes in after the drop.
if [ "${1-}" != as-run-user ]; then
    set -- {{ s6_bin }}/with-contenv /bin/sh ./run as-run-user
    {%- if user != "root" %}
    if [ "$(/usr/bin/id -u)" -eq 0 ]; then
        set -- {{ s6_bin }}/s6-setuidgid {{ user }} "$@"
    fi
    {%- endif %}
    exec "$@"
fi
