#!/bin/sh
# Only engine_* leaves the shim, and nothing of TensorRT or CUDA is bound before it is looked for.
set -eu
others=$(nm -D --defined-only "$1" | awk '$3 !~ /^engine_/ { print $3 }')
needed=$(nm -D --undefined-only "$1" | awk '$2 ~ /nvinfer|nvonnx|Infer|NvOnnx|^cu[A-Z]|^cuda/ { print $2 }')
if [ -n "$others$needed" ]; then
  echo "exported: $others; needed: $needed"
  exit 1
fi
