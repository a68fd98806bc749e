#!/bin/sh
# shellcheck shell=sh
# The gateway of Hermes profile {{ profile }}. Rendered by hermes-s6gen; an edit here is lost.

exec 2>&1

{% include "as-run-user.sh" %}

slot=$PWD
HERMES_HOME=${HERMES_HOME:-/opt/data}
HOME=$HERMES_HOME
export HERMES_HOME HOME HERMES_S6_SUPERVISED_CHILD=1 HERMES_SUPERVISED_CHILD=1
{%- if let Some(port) = port %}

# The container's listeners are the default gateway's. What this profile's .env sets wins over all of this.
unset API_SERVER_CORS_ORIGINS API_SERVER_ENABLED API_SERVER_HOST API_SERVER_KEY API_SERVER_MODEL_NAME
unset BLUEBUBBLES_WEBHOOK_PORT FEISHU_WEBHOOK_PORT MSGRAPH_WEBHOOK_PORT SMS_WEBHOOK_PORT TELEGRAM_WEBHOOK_PORT
unset WEBHOOK_ENABLED WEBHOOK_PORT WEBHOOK_SECRET WHATSAPP_CLOUD_WEBHOOK_PORT
export API_SERVER_PORT={{ port }}
{%- endif %}

# 78 (EX_CONFIG) keeps it down: no restart makes a home appear.
cd "$HERMES_HOME" || exit 78
exec {{ s6_bin }}/s6-envdir -Lf "$slot"/env {{ program }} --s6-bin {{ s6_bin }} backoff "$slot" hermes{% if port.is_some() %} -p {{ profile }}{% endif %} gateway run --replace
