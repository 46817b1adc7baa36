#!/bin/sh
# Runs Apache Kafka as one process that is broker and controller:  kafka.sh get | check | init | serve
#
#   get    fetches it with Maven, once for all runs and outside of this folder
#   check  says whether it is there
#   init   makes its folder and its configuration
#   serve  runs it in the foreground
#
#   KAFKA_HOME   another Kafka 4: its folder "libs" is used
#   FOLDER       where its data go; the file "direct" in it has the port that goes around the proxy
#   PORT         where it listens for clients that come through the proxy
#   ADVERTISED   host:port of the proxy: clients go on to what the broker names here
set -eu
here=$(cd "$(dirname "$0")" && pwd)
libs="${KAFKA_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/faultline-kafka/$(cksum <"$here/pom.xml" | cut -d ' ' -f 1)}/libs"

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

# Little memory, and little time to start.
java_with() {
  heap=$1
  shift
  set -- -Xmx"$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.configurationFile="file:$here/log4j2.properties" \
    -cp "$libs/*" "$@"
  if [ -n "${JAVA_HOME:-}" ]; then exec "$JAVA_HOME/bin/java" "$@"; else exec java "$@"; fi
}

needs_kafka() {
  [ -d "$libs" ] && return 0
  echo "no Kafka in $libs: get it with  sh $here/kafka.sh get  (needs Java 17 and Maven), or set KAFKA_HOME" >&2
  exit 1
}

case "$1" in
  get)
    [ -d "$libs" ] && exit 0
    home=$(dirname "$libs")
    mkdir -p "$home"
    made=$(mktemp -d "$home/getting.XXXXXX")
    trap 'rm -rf "$made"' EXIT
    mvn --batch-mode --quiet -Dstyle.color=never --file "$here/pom.xml" dependency:copy-dependencies \
      -DincludeScope=runtime -DoutputDirectory="$made/libs"
    # All or nothing. Another run may have been quicker.
    [ -d "$libs" ] || mv "$made/libs" "$libs"
    ;;
  check)
    needs_kafka
    ;;
  init)
    needs_kafka
    mkdir -p "$FOLDER"
    direct=$(free_port)
    controller=$(free_port)
    echo "$direct" >"$FOLDER/direct"
    cat >"$FOLDER/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
# One listener for each way to it: what the broker advertises is where a client goes on to.
listeners=PROXIED://127.0.0.1:$PORT,DIRECT://127.0.0.1:$direct,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PROXIED://$ADVERTISED,DIRECT://127.0.0.1:$direct
listener.security.protocol.map=PROXIED:PLAINTEXT,DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=DIRECT
log.dirs=$FOLDER/log
# There is one broker only.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
auto.create.topics.enable=false
# A worker that is started again gets its partitions at once.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# A broker that was killed counts as there for so long, and the next one is not let in. By default 9 s.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
num.network.threads=1
num.io.threads=2
num.recovery.threads.per.data.dir=1
END
    java_with 128m kafka.tools.StorageTool format --cluster-id MkU3OEVBNTcwNTJENDM2Qk --config "$FOLDER/server.properties"
    ;;
  serve)
    needs_kafka
    java_with 256m kafka.Kafka "$FOLDER/server.properties"
    ;;
esac
