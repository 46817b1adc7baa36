#!/bin/sh
# Runs NGINX in the foreground, before SERVER_A and SERVER_B, with its files in FOLDER.
set -eu
# Debian has it where ordinary users do not look.
PATH="$PATH:/usr/sbin"

cat > "$FOLDER/nginx.conf" <<CONFIG
daemon off;
worker_processes 1;
pid $FOLDER/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $FOLDER/body;
  proxy_temp_path $FOLDER/proxy;
  fastcgi_temp_path $FOLDER/fastcgi;
  uwsgi_temp_path $FOLDER/uwsgi;
  scgi_temp_path $FOLDER/scgi;
  upstream orders {
    # Passive health checks: after three failures a server gets nothing for a second. By default: after one, for ten.
    server $SERVER_A max_fails=3 fail_timeout=1s;
    server $SERVER_B max_fails=3 fail_timeout=1s;
    keepalive 16;
  }
  server {
    listen $LISTEN;
    location = /health { return 200; }
    location / {
      proxy_pass http://orders;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_connect_timeout 1s;
      proxy_read_timeout 1s;
      # What is tried again on the other server.
      proxy_next_upstream $NEXT;
    }
  }
}
CONFIG
exec nginx -p "$FOLDER" -e stderr -c "$FOLDER/nginx.conf"
