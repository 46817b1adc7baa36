#!/usr/bin/env bash
# Builds a real kube-apiserver and etcd from Go modules, starts both on loopback, runs the tests that need them, and ends both.
# By hand: the first build took 50 minutes of a busy machine with two cores. docs/compatibility.md has the result.
#
#   scripts/real-kube-apiserver.sh [VERSION]       v1.36.3 when it is left out
#   KUBE_BUILD=/path scripts/real-kube-apiserver.sh   where to build; default: ~/.cache/faultline-kube
#   scripts/real-kube-apiserver.sh VERSION COMMAND…   runs COMMAND instead, with KUBECONFIG of an administrator
set -euo pipefail

version=${1:-v1.36.3}
[ $# -gt 0 ] && shift
build=${KUBE_BUILD:-$HOME/.cache/faultline-kube}
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$build/$version"
cd "$build/$version"

if [ ! -x kube-apiserver ] || [ ! -x etcd ]; then
  # The modules that Kubernetes keeps in its own repository are published with a version of their own: v1.36.3 as v0.36.3.
  staging=v0.${version#v1.}
  go_mod=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
  {
    echo "module kube"
    sed -n 's/^\(go [0-9.]*\)$/\1/p' "$go_mod"
    echo "require k8s.io/kubernetes $version"
    # What it says of other modules (versions and replacements) holds only for itself, so it is said again.
    sed -n '/^require (/,/^)/p' "$go_mod" | sed '/^\tk8s\.io\/[a-z-]* v0\.0\.0$/d'
    sed -n 's|^\t\(k8s\.io/[a-z-]*\) => \./staging/.*|replace \1 => \1 '"$staging"'|p' "$go_mod"
  } >go.mod
  if ! grep -q '^replace' go.mod; then
    sed -n 's|^\t\(k8s\.io/[a-z-]*\) v0\.0\.0$|replace \1 => \1 '"$staging"'|p' "$go_mod" | sort -u >>go.mod
  fi
  mkdir -p etcd-main
  printf 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\nfunc main() { etcdmain.Main(os.Args) }\n' >etcd-main/main.go
  export GOFLAGS=-mod=mod
  nice -n 19 go build -p 1 -trimpath -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=$(echo "$version" | cut -d. -f2)" -o kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
  nice -n 19 go build -p 1 -trimpath -ldflags "-s -w" -o etcd ./etcd-main
fi

# Old versions are forgotten after seconds instead of minutes, so that a watch meets 410.
state=$(mktemp -d)
pids=()
finish() {
  # The API server does not end by itself when its etcd is gone, so nothing is asked of it.
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$state"
}
trap finish EXIT

free_port() { node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
client=$(free_port) peer=$(free_port) port=$(free_port)

./etcd --data-dir "$state/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
  --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
  --initial-cluster "default=http://127.0.0.1:$peer" >"$state/etcd.log" 2>&1 &
pids+=($!)

openssl genrsa -out "$state/sa.key" 2048 2>/dev/null
token=$(node -e 'console.log(require("node:crypto").randomBytes(24).toString("hex"))')
echo "$token,admin,admin,\"system:masters\"" >"$state/tokens.csv"
echo "$token-tester,tester,tester,\"\"" >>"$state/tokens.csv"

./kube-apiserver --etcd-servers "http://127.0.0.1:$client" --bind-address 127.0.0.1 --secure-port "$port" \
  --cert-dir "$state/certs" --service-cluster-ip-range 10.96.0.0/16 --authorization-mode RBAC \
  --token-auth-file "$state/tokens.csv" --service-account-issuer https://kubernetes.default.svc \
  --service-account-key-file "$state/sa.key" --service-account-signing-key-file "$state/sa.key" \
  --disable-admission-plugins ServiceAccount --endpoint-reconciler-type none \
  --watch-cache=false --etcd-compaction-interval 3s >"$state/apiserver.log" 2>&1 &
pids+=($!)

for _ in $(seq 240); do
  answer=$(curl -sk -H "Authorization: Bearer $token" "https://127.0.0.1:$port/readyz" || true)
  [ "$answer" = ok ] && break
  kill -0 "${pids[1]}" 2>/dev/null || { tail -20 "$state/apiserver.log"; exit 1; }
  sleep 0.5
done
[ "$answer" = ok ] || { tail -20 "$state/apiserver.log"; exit 1; }

config() {
  cat <<YAML
apiVersion: v1
kind: Config
current-context: real
clusters: [{ name: real, cluster: { server: "https://127.0.0.1:$port", certificate-authority: $state/certs/apiserver.crt } }]
users: [{ name: who, user: { token: "$1" } }]
contexts: [{ name: real, context: { cluster: real, user: who } }]
YAML
}
config "$token" >"$state/admin.yaml"
config "$token-tester" >"$state/tester.yaml"
export KUBECONFIG=$state/admin.yaml FAULTLINE_REAL_KUBE=$state/admin.yaml FAULTLINE_REAL_KUBE_TESTER=$state/tester.yaml
curl -sk -H "Authorization: Bearer $token" "https://127.0.0.1:$port/version" | grep gitVersion

cd "$root"
if [ $# -gt 0 ]; then "$@"; else npx vitest run test/kubernetes/real-api-server.test.ts test/kubernetes/real-port-forward.test.ts test/kubernetes/real-looks.test.ts; fi
