#!/bin/sh
# Makes a virtual environment with what requirements.txt names, once for all runs and outside of this folder. Then it runs
# Python with the arguments, where there are any.
set -eu
cd "$(dirname "$0")"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/faultline-python-service"
environment="$cache/$(cksum < requirements.txt | cut -d ' ' -f 1)"
if [ ! -d "$environment" ]; then
  mkdir -p "$cache"
  made=$(mktemp -d "$cache/making.XXXXXX")
  trap 'rm -rf "$made"' EXIT
  python3 -m venv "$made"
  "$made/bin/python" -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
  # All or nothing. Another run may have been quicker.
  python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$made" "$environment" 2>/dev/null || [ -d "$environment" ]
  rm -rf "$made"
fi
[ $# -eq 0 ] || exec "$environment/bin/python" "$@"
