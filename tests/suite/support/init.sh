#!/bin/sh
# PID 1 of the tests' container. It keeps what the image counts on of s6-overlay: a new /run/service, the container's
# environment in files, boot scripts in order while s6-svscan runs already, services, the command, stop scripts.
export PATH=/command:/usr/bin:/bin

if [ "$1" = stage2 ]; then
    shift
    for script in /etc/cont-init.d/*; do
        "$script" </dev/null
    done
    for entry in /etc/s6-overlay/s6-rc.d/user/contents.d/*; do
        name=${entry##*/}
        cp -R /etc/s6-overlay/s6-rc.d/"$name" /run/service/."$name"
        mv /run/service/."$name" /run/service/"$name"
        s6-svscanctl -a /run/service
        until s6-svok /run/service/"$name"; do sleep 0.01; done
        if [ -e /run/service/"$name"/notification-fd ]; then
            # Ready, or down for good; a slow machine may need longer than s6-overlay would wait.
            until s6-svstat -o ready,up,wantedup /run/service/"$name" | grep -q -e '^true true' -e 'false false$'; do
                sleep 0.01
            done
        fi
    done
    echo "stage2: services are up"
    touch /run/booted
    [ $# -eq 0 ] || exec with-contenv "$@"
    exit 0
fi

rm -rf /run/s6 /run/service /run/booted
mkdir -p /run/service/.s6-svscan /run/s6/basedir
cp -R /container_environment /run/s6/
cat >/run/service/.s6-svscan/SIGTERM <<'EOF'
#!/bin/sh
for script in /etc/cont-finish.d/*; do
    "$script" </dev/null
done
exec s6-svscanctl -t /run/service
EOF
chmod 755 /run/service/.s6-svscan/SIGTERM
"$0" stage2 "$@" &
exec s6-svscan /run/service
