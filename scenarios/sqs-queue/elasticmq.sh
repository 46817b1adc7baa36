#!/bin/sh
# Runs ElasticMQ, a server that speaks the protocol of Amazon SQS:  elasticmq.sh get | check | serve
#
#   get    fetches it with Maven, once for all runs and outside of this folder
#   check  says whether it is there
#   serve  runs it in the foreground, with its queues in memory
#
#   ELASTICMQ_HOME  another one: its folder "libs" is used
#   FOLDER          where its configuration goes
#   PORT            where it listens
#   HOST_OF_URLS, PORT_OF_URLS  the proxy: clients go on to the URL that the server gives a queue
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(cksum <"$here/pom.xml" | cut -d ' ' -f 1)
libs="${ELASTICMQ_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/faultline-elasticmq/$version}/libs"

needs_elasticmq() {
  [ -d "$libs" ] && return 0
  echo "no ElasticMQ in $libs: get it with  sh $here/elasticmq.sh get  (needs Java 11 and Maven), or set ELASTICMQ_HOME" >&2
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
    needs_elasticmq
    ;;
  serve)
    needs_elasticmq
    mkdir -p "$FOLDER"
    cat >"$FOLDER/elasticmq.conf" <<END
include classpath("application.conf")
node-address { protocol = http, host = "$HOST_OF_URLS", port = $PORT_OF_URLS, context-path = "" }
rest-sqs { enabled = true, bind-hostname = "127.0.0.1", bind-port = $PORT, sqs-limits = strict }
rest-stats { enabled = false }
queues {
  # What was received four times and never deleted goes to "given-up".
  events { deadLettersQueue { name = "given-up", maxReceiveCount = 4 } }
  given-up {}
}
END
    # Little memory, and little time to start.
    exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
      -Dconfig.file="$FOLDER/elasticmq.conf" -cp "$libs/*" org.elasticmq.server.Main
    ;;
esac
