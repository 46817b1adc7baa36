#!/usr/bin/env bash
# Builds servers that take telemetry and that Debian has not, from Go modules, for test/telemetry/real-receivers.test.ts.
# They are kept outside of the checkout; the tests find them there, and on PATH.
# usage: scripts/real-receivers.sh victoria-logs
set -euo pipefail

bin=${XDG_CACHE_HOME:-$HOME/.cache}/faultline-receivers/bin
case ${1:?usage: scripts/real-receivers.sh victoria-logs} in
  # Takes Elasticsearch's bulk API.
  victoria-logs) GOBIN=$bin go install github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.2 ;;
  *) echo "no $1: there is victoria-logs" >&2 && exit 2 ;;
esac
echo "$1 is in $bin"
