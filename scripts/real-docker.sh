#!/bin/bash
# Starts a Docker engine of its own for test/faults/docker/real-engine.test.ts, in a folder of its own, and prints what a shell has to set:
#   eval "$(bash scripts/real-docker.sh)"; npx vitest run test/faults/docker/real-engine.test.ts; kill "$FAULTLINE_TEST_DOCKERD"
# It takes root, Debian's docker.io and busybox-static. Nothing is downloaded.
set -euo pipefail
folder=$(mktemp -d /tmp/faultline-dockerd.XXXXXX)
host=unix://$folder/docker.sock
dockerd --host "$host" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" \
  --storage-driver vfs --bridge none --iptables=false --ip6tables=false >"$folder/log" 2>&1 &
for _ in $(seq 100); do
  docker --host "$host" version >/dev/null 2>&1 && break
  sleep 0.2
done
docker --host "$host" version >/dev/null || { tail -5 "$folder/log" >&2; exit 1; }
mkdir -p "$folder/root/bin" "$folder/root/tmp"
cp "$(command -v busybox)" "$folder/root/bin/busybox"
for name in sh sleep nc httpd wget ip kill; do ln -s busybox "$folder/root/bin/$name"; done
tar -C "$folder/root" -c . | docker --host "$host" import - faultline-test >/dev/null
echo "export FAULTLINE_TEST_DOCKER=$host FAULTLINE_TEST_DOCKERD=$(cat "$folder/pid")"
