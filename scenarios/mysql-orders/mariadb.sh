#!/bin/sh
# Runs MariaDB on PORT with its data in FOLDER:  mariadb.sh init | serve | query SQL
set -eu
# Debian has the server where ordinary users do not look.
PATH="$PATH:/usr/sbin"

case "$1" in
  init)
    mkdir -p "$FOLDER/data"
    exec mariadb-install-db --no-defaults --datadir="$FOLDER/data" --user="$(id -un)" --skip-test-db \
      --auth-root-authentication-method=normal --skip-name-resolve
    ;;
  serve)
    # The machine is not switched off in this scenario, so nothing has to get to the disk.
    exec mariadbd --no-defaults --datadir="$FOLDER/data" --user="$(id -un)" --port="$PORT" --bind-address=127.0.0.1 \
      --socket="$FOLDER/socket" --pid-file="$FOLDER/pid" --innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-size=64M
    ;;
  query)
    exec mariadb --no-defaults --protocol=tcp --host=127.0.0.1 --port="$PORT" --user=root --batch --skip-column-names \
      --execute="$2"
    ;;
esac
