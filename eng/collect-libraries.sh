#!/bin/sh
# Copies libraries of an image into a folder, each under the name that it is loaded by. A name that nothing there has is an
# error: an image must not lack one in silence.
#   collect-libraries.sh FOLDER NAME...   NAME may be a pattern, such as 'libcudnn*.so.9'
set -eu
folder=$1
shift
mkdir -p "$folder"
for name in "$@"; do
  found=$(find /usr /opt -name "$name" -not -path '*/stubs/*')
  if [ -z "$found" ]; then
    echo "There is no library '$name' here." >&2
    exit 1
  fi
  echo "$found" | while read -r file; do cp -L "$file" "$folder/"; done
done
