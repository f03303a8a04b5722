/* A double: stands in for TensorRT (engine_abi.h), the CUDA runtime and the CUDA driver, in one library, for tests and for a local
 * environment without a GPU. It says so by engine_version.is_simulated; its "device" memory is the host's.
 *
 * It is programmed by one text of name=value pairs separated by ';', from the variable PIPELINE_DOUBLE and by engine_double_program:
 *   version=11.1.0.106   the TensorRT version that it says it is
 *   device=sm_90-double  compute capability and product of GPU 0, sm_NN alone, or none; the GPU is called "Simulated PRODUCT", or
 *                        "Simulated GPU"
 *   memory=17179869184   bytes of device memory; more fails as it does on a GPU
 *   cuda=13.0            version of the CUDA runtime
 *   driver=13.0          newest CUDA version that the driver runs
 *   build_seconds=0.2    how long a build takes
 *   fault=NAME           what goes wrong; at most one:
 *     parse-error, unsupported-operator, build-failed, out-of-memory, timing-cache-miss: builds fail so
 *     crash, hang          a build aborts the process, or never ends and heeds no cancellation
 *     corrupt-plan         the plan that is built does not load
 *     load-crash, other-version, other-device: loads abort the process or fail so
 *     context-memory       contexts find no memory
 *     run-failed           runs fail
 * What is not named has the value above; fault is none.
 *
 * Two things in an ONNX file are orders as well: a node of domain "test.unsupported" is an operator that is not supported, and an
 * output dimension whose dim_param begins with "data_dependent" depends on the data. */
#ifndef PIPELINE_ENGINE_DOUBLE_H
#define PIPELINE_ENGINE_DOUBLE_H

#include "engine_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* Replaces the whole program; "" is the defaults. ENGINE_INVALID_ARGUMENT, a sentence and no change for a text that is none. */
int32_t engine_double_program(const char* text);

/* What the compiler makes of engine_abi.h: a line for each struct, "engine_shape 72", and each member, "engine_shape.values 8". */
const char* engine_double_layout(void);

/* How many objects and allocations are alive that this library has handed out. */
int64_t engine_double_live_objects(void);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
