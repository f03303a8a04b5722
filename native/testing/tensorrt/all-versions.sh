#!/bin/sh
# Builds and tests the shim against the headers in each folder given: one line each, and failure if one failed.
#   native/testing/tensorrt/all-versions.sh DIR...   DIR holds NvInfer.h and NvOnnxParser.h
# SANITIZE: "address,undefined" if not set, "thread", or empty. BUILD: where to build, a temporary folder if not set.
set -u
native=$(cd "$(dirname "$0")/../.." && pwd)
sanitize=${SANITIZE-address,undefined}
build=${BUILD:-}
if [ -z "$build" ]; then
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
fi
flags="-O1 -g"
[ -n "$sanitize" ] && flags="$flags -fsanitize=$sanitize -fno-sanitize-recover=all"

result=0
for headers in "$@"; do
  folder=$build/$(printf %s "$headers" | tr -c 'A-Za-z0-9.\n' _)
  log=$folder/log
  mkdir -p "$folder"
  if ! cmake -S "$native" -B "$folder" -DTENSORRT_INCLUDE="$headers" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$flags" >"$log" 2>&1; then
    outcome="does not configure"
  elif ! cmake --build "$folder" --target shim_tests --parallel 2 >>"$log" 2>&1; then
    outcome="does not compile"
  elif ! ctest --test-dir "$folder/testing/tensorrt" --output-on-failure >>"$log" 2>&1; then
    outcome="fails"
  else
    count=$(awk '/ tests pass$/ { n += $2 } END { print n }' "$folder/testing/tensorrt/Testing/Temporary/LastTest.log")
    echo "$headers: passes, $count tests"
    continue
  fi
  result=1
  echo "$headers: $outcome"
  tail -n 60 "$log"
done
exit $result
