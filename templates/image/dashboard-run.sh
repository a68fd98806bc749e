#!/bin/sh
# shellcheck shell=sh
# Hermes' dashboard, if HERMES_DASHBOARD asks for it. Written by hermes-s6gen compile; an edit here is lost.

exec 2>&1

{% include "as-run-user.sh" %}

# 78 keeps it down (see finish).
case ${HERMES_DASHBOARD-} in
1 | true | TRUE | True | yes | YES | Yes) ;;
*) exit 78 ;;
esac

HERMES_HOME=${HERMES_HOME:-/opt/data}
HOME=$HERMES_HOME
export HERMES_HOME HOME
cd "$HERMES_HOME" || exit 78
# Whoever reaches the dashboard commands the agent, so other machines do only when told to.
exec {{ hermes }} dashboard --host "${HERMES_DASHBOARD_HOST:-127.0.0.1}" --port "${HERMES_DASHBOARD_PORT:-9119}" --no-open
