#!/bin/sh
# Makes an authority, and certificates of it for the token service and for the shop, in FOLDER.
set -eu
mkdir -p "$FOLDER"
cd "$FOLDER"

EC="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

# NAME, and what its certificate is good for.
certificate() {
  printf "$2" >"$1.ext"
  # $EC is several words.
  openssl req $EC -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem"
}

openssl req -x509 $EC -days 2 -subj "/CN=the shop's own authority" -keyout ca.key -out ca.pem
certificate identity "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
certificate shop "extendedKeyUsage=clientAuth\n"
