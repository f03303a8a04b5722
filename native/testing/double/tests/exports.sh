#!/usr/bin/env bash
# Usage: exports.sh LIBRARY HEADER... Only engine_* and cu* leave the library, and everything that the headers declare does.
set -euo pipefail
library=$1
shift
exported=$(nm -D --defined-only "$library" | awk '{ print $3 }')
if stray=$(grep -Ev '^(engine_|cu[A-Z]|cuda[A-Z])' <<<"$exported"); then
  echo "Exported as well: $stray"
  exit 1
fi
for name in $(grep -ohE '\bengine_[a-z_]+\(' "$@" | grep -oE '[a-z_]+' | sort -u); do
  grep -qx "$name" <<<"$exported" || { echo "Not exported: $name"; exit 1; }
done
