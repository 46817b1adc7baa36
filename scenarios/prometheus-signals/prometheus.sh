#!/bin/sh
# Starts a Prometheus that looks at the shop once a second.
#
#   PORT       where it listens
#   SHOP_PORT  where the shop has its page of metrics
#   FOLDER     where it may write
set -eu
cat >"$FOLDER/prometheus.yml" <<END
rule_files: [rules.yml]
global: { scrape_interval: 1s, evaluation_interval: 1s }
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["127.0.0.1:$SHOP_PORT"] }]
END
cat >"$FOLDER/rules.yml" <<END
groups:
  - name: shop
    rules:
      - { alert: OrdersFail, expr: 'sum(rate(orders_total{result="failed"}[4s])) > 1' }
      - { alert: OrdersWait, expr: 'max(orders_waiting) > 100' }
END
exec prometheus --config.file="$FOLDER/prometheus.yml" --storage.tsdb.path="$FOLDER/prometheus" \
  --web.listen-address="127.0.0.1:$PORT"
