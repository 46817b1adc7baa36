#!/usr/bin/env bash
# Builds servers that take telemetry and that Debian has not, from Go modules, for test/telemetry/real-receivers.test.ts.
# They are kept outside of the checkout; the tests find them there, and on PATH.
# usage: scripts/real-receivers.sh [victoria-logs] [otel-collector] [jaeger]
set -euo pipefail

bin=${XDG_CACHE_HOME:-$HOME/.cache}/faultline-receivers/bin
mkdir -p "$bin"
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# Takes Elasticsearch's bulk API.
victoria_logs() {
  GOBIN=$bin go install github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.2
}

# The collector's own builder writes a program with the parts that are named, and compiles it.
otel_collector() {
  local version=v0.165.0 stable=v1.71.0
  GOBIN=$work go install "go.opentelemetry.io/collector/cmd/builder@$version"
  cat >"$work/parts.yaml" <<END
dist: { name: otel-collector, output_path: $work/collector }
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver $version }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter $version }]
providers: [{ gomod: go.opentelemetry.io/collector/confmap/provider/fileprovider $stable }]
END
  "$work/builder" --config="$work/parts.yaml"
  mv "$work/collector/otel-collector" "$bin"
}

# The last version that is a Go module. It replaces a module, so it has to be built in its own folder. Without its page.
jaeger() {
  local source
  source=$(cd "$work" && go mod download -json github.com/jaegertracing/jaeger@v1.76.0 | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
  cp -r "$source" "$work/jaeger"
  chmod -R u+w "$work/jaeger"
  (cd "$work/jaeger" && go build -o "$bin/jaeger-all-in-one" ./cmd/all-in-one)
}

for each in "${@:-victoria-logs}"; do
  case $each in
    victoria-logs) victoria_logs ;;
    otel-collector) otel_collector ;;
    jaeger) jaeger ;;
    *) echo "no $each: victoria-logs, otel-collector or jaeger" >&2 && exit 2 ;;
  esac
  echo "$each is in $bin"
done
