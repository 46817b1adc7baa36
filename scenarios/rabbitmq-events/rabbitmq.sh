#!/bin/sh
# Runs RabbitMQ in the foreground on PORT, with its data in FOLDER, apart from any other on this machine.
set -eu

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

export HOME="$FOLDER"
export RABBITMQ_NODENAME=events@localhost
export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$PORT"
# What the nodes of a cluster talk by. This one has no others, but listens all the same.
RABBITMQ_DIST_PORT=$(free_port)
ERL_EPMD_PORT=$(free_port)
export RABBITMQ_DIST_PORT ERL_EPMD_PORT ERL_EPMD_ADDRESS=127.0.0.1
export RABBITMQ_MNESIA_BASE="$FOLDER/mnesia" RABBITMQ_LOG_BASE="$FOLDER" RABBITMQ_LOGS=-
export RABBITMQ_PID_FILE="$FOLDER/pid" RABBITMQ_ENABLED_PLUGINS_FILE="$FOLDER/plugins"
export RABBITMQ_CONF_ENV_FILE="$FOLDER/none" RABBITMQ_CONFIG_FILE="$FOLDER/rabbitmq"
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"

# Debian's own command on the PATH would run it as another user.
server=/usr/lib/rabbitmq/bin/rabbitmq-server
[ -x "$server" ] || server=rabbitmq-server
exec "$server"
