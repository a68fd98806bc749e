# Stands in for s6-overlay's with-contenv: nothing of the caller's environment but PATH, then the container's.
exec /usr/bin/env -i PATH="$PATH" /usr/bin/s6-envdir -Lf "$scratch"/contenv "$@"
