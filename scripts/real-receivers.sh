#!/usr/bin/env bash
# Builds servers that take telemetry and that Debian has not, from Go modules, for test/telemetry/real-receivers.test.ts.
# They are kept outside of the checkout; the tests find them there, and on PATH. victoria-logs takes a minute to build; the
# others take ten and more, and are for a check by hand.
# usage: scripts/real-receivers.sh victoria-logs | otelcol | jaeger
set -euo pipefail

usage="usage: scripts/real-receivers.sh victoria-logs | otelcol | jaeger"
bin=${XDG_CACHE_HOME:-$HOME/.cache}/faultline-receivers/bin
collector=go.opentelemetry.io/collector
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# The OpenTelemetry collector with what the test needs of it, by its own builder.
otelcol() {
  GOBIN=$made go install $collector/cmd/builder@v0.165.0
  cat >"$made/manifest.yaml" <<MANIFEST
dist: { name: otelcol, output_path: $made/otelcol }
receivers: [{ gomod: $collector/receiver/otlpreceiver v0.165.0 }]
exporters: [{ gomod: $collector/exporter/otlphttpexporter v0.165.0 }]
providers: [{ gomod: $collector/confmap/provider/envprovider v1.71.0 }, { gomod: $collector/confmap/provider/fileprovider v1.71.0 }]
MANIFEST
  "$made/builder" --config "$made/manifest.yaml"
  mkdir -p "$bin" && mv "$made/otelcol/otelcol" "$bin/otelcol"
}

# A module of its own: Jaeger's has lines that `go install` refuses.
jaeger() {
  mkdir "$made/jaeger" && cd "$made/jaeger"
  go mod init jaeger-here
  printf 'package main\nimport _ "github.com/jaegertracing/jaeger/cmd/all-in-one"\nfunc main() {}\n' >main.go
  go get github.com/jaegertracing/jaeger@v1.76.0
  go mod tidy
  mkdir -p "$bin" && go build -o "$bin/jaeger" github.com/jaegertracing/jaeger/cmd/all-in-one
}

case ${1:?$usage} in
  # Takes Elasticsearch's bulk API.
  victoria-logs) GOBIN=$bin go install github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs@v1.52.2 ;;
  otelcol) otelcol ;;
  jaeger) jaeger ;;
  *) echo "$usage" >&2 && exit 2 ;;
esac
echo "$1 is in $bin"
