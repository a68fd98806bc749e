# Stands in for hermes: records how it was started, then does what the test asks for.
profile=default
[ "$1" != -p ] || profile=$2
printf '%s\n' "$@" >"$scratch/record/$profile.argv"
id >"$scratch/record/$profile.id"
env -0 >"$scratch/record/$profile.env.new"
mv "$scratch/record/$profile.env.new" "$scratch/record/$profile.env"
read -r behaviour argument 2>/dev/null <"$scratch/behave/$profile" || behaviour=run
home=$HERMES_HOME
[ "$profile" = default ] || home=$HERMES_HOME/profiles/$profile
# Before anybody can know that it was started.
case $behaviour in
ignore-term) trap '' TERM ;;
exit-on-term) trap 'exit $argument' TERM ;;
record-marker) trap 'cat "$home/.gateway-planned-stop.json" >"$scratch/record/$profile.marker"; exit 0' TERM ;;
esac
echo "$$" >>"$scratch/record/$profile.starts"

case $behaviour in
run) exec sleep 3600 ;;
replace)
    # As hermes does with --replace: one that was left behind ends.
    read -r last 2>/dev/null <"$scratch/record/$profile.last" || last=$$
    echo "$$" >"$scratch/record/$profile.last"
    if [ "$last" != "$$" ] && grep -qs -e "3600.$profile" -e "-p.$profile" "/proc/$last/cmdline"; then
        kill -KILL "$last"
    fi
    exec "$scratch/record/3600.$profile" infinity
    ;;
exit) exit "$argument" ;;
ignore-term | exit-on-term | record-marker) while :; do sleep 0.05; done ;;
background)
    sleep 3600 &
    exec sleep 3601
    ;;
esac
