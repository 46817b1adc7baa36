#!/usr/bin/env bash
# Tags a release whose tree holds dist/, too: who uses it as an action installs production dependencies only.
# usage: scripts/tag-release.sh v0.2.0
set -euo pipefail
version=${1:?usage: scripts/tag-release.sh vX.Y.Z}
cd "$(dirname "$0")/.."
if [ "v$(node -p 'require("./package.json").version')" != "$version" ]; then
  echo "package.json has another version than $version" >&2
  exit 1
fi
if [ -n "$(git status --porcelain)" ]; then
  echo "commit first: a release is what is committed" >&2
  exit 1
fi
rm -rf dist
npm run --silent build
# An index of its own, so that the branch and the index of the checkout stay as they are.
index=$(mktemp -d)
trap 'rm -rf "$index"' EXIT
export GIT_INDEX_FILE="$index/index"
git read-tree HEAD
git add --force dist
commit=$(git commit-tree "$(git write-tree)" -p HEAD -m "$version with what was built")
git tag -a "$version" "$commit" -m "$version"
echo "$version is $commit. Push the tag; workflows name this commit."
