#!/bin/sh
# Runs PostgreSQL with its data in FOLDER:  postgres.sh init | serve | query SQL
set -eu

# Debian has the server's programs in a folder of each version.
for programs in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
  [ -x "$programs/initdb" ] && PATH="$programs:$PATH"
done

# It does not run as root: then as the user that its package makes, or as nobody.
run() {
  if [ "$(id -u)" -ne 0 ]; then
    exec "$@"
  fi
  exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
}
user=postgres
id "$user" >/dev/null 2>&1 || user=nobody

case "$1" in
  init)
    mkdir -p "$FOLDER/data"
    if [ "$(id -u)" -eq 0 ]; then
      chmod 711 "$FOLDER"
      chown "$user" "$FOLDER/data"
    fi
    chmod 700 "$FOLDER/data"
    cd "$FOLDER/data"
    run initdb --pgdata "$FOLDER/data" --username shop --auth trust --no-sync --encoding UTF8 --locale C
    ;;
  serve)
    cd "$FOLDER/data"
    # One that was killed may still be known to the system for a moment. Until then its lock file is in the way.
    for _ in $(seq 50); do
      [ -f postmaster.pid ] && kill -0 "$(head -n 1 postmaster.pid)" 2>/dev/null || break
      sleep 0.1
    done
    # The machine is not switched off in this scenario, so nothing has to get to the disk.
    run postgres -D "$FOLDER/data" -p "$PGPORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off
    ;;
  query)
    exec psql --host 127.0.0.1 --username shop --dbname postgres --no-psqlrc --tuples-only --no-align --command "$2"
    ;;
esac
