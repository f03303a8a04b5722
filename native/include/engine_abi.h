/* The C interface between the C# of engines/TensorRt and what builds and runs plans: the TensorRT shims (native/shim, one library a
 * TensorRT major) and the double for tests (native/testing). Additions only; a change of meaning raises ENGINE_ABI_VERSION.
 *
 * Every call returns a status, and on failure leaves a sentence in engine_last_error() of the calling thread. Texts are UTF-8. What a
 * call hands out is released by its own release function, in any order: an object keeps alive what it needs. A release takes null.
 * Threads: a library and an engine may be shared; a context, a build and a blob belong to one thread at a time. */
#ifndef PIPELINE_ENGINE_ABI_H
#define PIPELINE_ENGINE_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ENGINE_ABI_VERSION 1
#define ENGINE_DIMENSIONS_MAXIMUM 8

typedef int32_t engine_status;
enum {
    ENGINE_OK = 0,
    ENGINE_INVALID_ARGUMENT = 1,
    ENGINE_LIBRARY_MISSING = 2,      /* a TensorRT or CUDA library is not there or does not load */
    ENGINE_LIBRARY_INCOMPATIBLE = 3, /* it is there, of another version */
    ENGINE_PARSE_FAILED = 4,         /* the ONNX file is not one that the parser takes */
    ENGINE_UNSUPPORTED_OPERATOR = 5,
    ENGINE_BUILD_FAILED = 6,
    ENGINE_CANCELLED = 7,
    ENGINE_OUT_OF_MEMORY = 8,
    ENGINE_TIMING_CACHE_MISS = 9, /* a replay met a tactic that its cache does not hold */
    ENGINE_PLAN_CORRUPT = 10,
    ENGINE_PLAN_OTHER_VERSION = 11, /* built by another version of TensorRT */
    ENGINE_PLAN_OTHER_DEVICE = 12,  /* built for another GPU architecture */
    ENGINE_RUN_FAILED = 13,
    ENGINE_NOT_SUPPORTED = 14, /* by this version */
    ENGINE_INTERNAL = 15
};

/* Our own numbers: TensorRT's change between majors. */
enum { ENGINE_FLOAT = 1, ENGINE_HALF, ENGINE_BFLOAT16, ENGINE_INT8, ENGINE_UINT8, ENGINE_INT32, ENGINE_INT64, ENGINE_BOOL, ENGINE_OTHER_TYPE };
enum { ENGINE_COMPATIBLE_NONE = 0, ENGINE_COMPATIBLE_AMPERE_PLUS = 1, ENGINE_COMPATIBLE_SAME_CAPABILITY = 2 };
enum {
    ENGINE_BUILD_VERSION_COMPATIBLE = 1 << 0,
    ENGINE_BUILD_STRIP_WEIGHTS = 1 << 1,
    ENGINE_BUILD_WEIGHT_STREAMING = 1 << 2,
    ENGINE_BUILD_NO_TF32 = 1 << 3,
    ENGINE_BUILD_RECORD = 1 << 4, /* an editable timing cache, so that the build can be replayed */
    ENGINE_BUILD_REPLAY = 1 << 5, /* every tactic from the given timing cache, or ENGINE_TIMING_CACHE_MISS */
    ENGINE_BUILD_INSPECT = 1 << 6 /* detailed layer information in the plan and beside it */
};
enum { ENGINE_LOG_ERROR = 1, ENGINE_LOG_WARNING = 2, ENGINE_LOG_INFORMATION = 3 };

typedef struct engine_library engine_library;
typedef struct engine_plan engine_plan;
typedef struct engine_context engine_context;
typedef struct engine_blob engine_blob;

typedef struct { int32_t count; int32_t reserved; int64_t values[ENGINE_DIMENSIONS_MAXIMUM]; } engine_shape;
typedef struct { int32_t profile; int32_t reserved; const char* input; engine_shape minimum, typical, maximum; } engine_profile_input;

/* Callbacks come from any thread, during the call only, and must not throw. */
typedef void (*engine_log)(void* state, int32_t severity, const char* text);
/* Steps done and to do of a phase; parent is null for the outermost. Returning 0 cancels at the next chance. */
typedef int32_t (*engine_progress)(void* state, const char* phase, const char* parent, int32_t done, int32_t steps);

typedef struct {
    int32_t major, minor, patch, build; /* of TensorRT */
    int32_t is_simulated;               /* 1: the double; nothing that it makes may serve */
    int32_t reserved;
} engine_version;

typedef struct {
    /* sizeof(engine_build_options), which says what the caller knows of it: the rest is zero to the library. What a newer caller sets
     * and the library does not know is ENGINE_NOT_SUPPORTED. */
    uint32_t size;
    uint32_t flags;
    const char* model_path;                /* external weights lie beside it; null: the model is in memory */
    const engine_profile_input* inputs;    /* by profile, each naming every input with a free dimension */
    int32_t input_count, profile_count;
    uint64_t workspace_bytes;              /* 0: all of the device */
    int32_t optimization_level;            /* -1: the library's own */
    int32_t hardware_compatibility;
    const void* timing_cache;              /* may be null */
    uint64_t timing_cache_bytes;
    engine_log log;
    engine_progress progress;
    void* state; /* given to both */
    const void* model;                     /* an ONNX file's bytes, without external weights; null where there is a path */
    uint64_t model_bytes;
    uint64_t tactic_dram_bytes;            /* device memory for trying one tactic; 0: the library's own */
    uint64_t tactic_shared_memory_bytes;   /* of one block of a kernel; 0: the library's own; otherwise beyond hardware_compatibility's */
} engine_build_options;

typedef struct {
    const char* name; /* lives as long as the plan */
    int32_t type, is_input, is_on_host, reserved;
    engine_shape shape; /* -1: free */
} engine_tensor;

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

int32_t engine_abi_version(void);
const char* engine_last_error(void); /* "" after none; valid until this thread's next call */

/* Opens the libraries that this shim was compiled for. directory: where they lie; null: as the loader finds them. */
engine_status engine_library_open(const char* directory, engine_library** library);
engine_status engine_library_version(engine_library* library, engine_version* version);
void engine_library_release(engine_library* library);

const void* engine_blob_data(const engine_blob* blob);
uint64_t engine_blob_bytes(const engine_blob* blob);
void engine_blob_release(engine_blob* blob);

/* Builds a plan on the current CUDA device; one build at a time in a process. timing_cache: what is worth keeping for the next build.
 * layers: JSON, with ENGINE_BUILD_INSPECT. Both may be null. */
engine_status engine_build(
    engine_library* library, const engine_build_options* options, engine_blob** plan, engine_blob** timing_cache, engine_blob** layers);

/* A plan is executable content: verify its signature first. The bytes are not needed afterwards. */
engine_status engine_plan_load(
    engine_library* library, const void* bytes, uint64_t size, engine_log log, void* state, engine_plan** plan);
void engine_plan_release(engine_plan* plan);
int32_t engine_plan_tensors(const engine_plan* plan);
engine_status engine_plan_tensor(const engine_plan* plan, int32_t index, engine_tensor* tensor);
int32_t engine_plan_profiles(const engine_plan* plan);
engine_status engine_plan_profile(const engine_plan* plan, int32_t profile, int32_t tensor, engine_profile_input* range);
engine_status engine_plan_memory(const engine_plan* plan, int32_t profile, uint64_t* device_bytes, uint64_t* weight_bytes);

/* A context of one profile. memory: device memory of engine_plan_memory's size that outlives it; null: it takes its own. */
engine_status engine_context_create(engine_plan* plan, int32_t profile, void* memory, void* stream, engine_context** context);
void engine_context_release(engine_context* context);
engine_status engine_context_set_input(engine_context* context, int32_t tensor, const engine_shape* shape, const void* address);
/* Shapes of the outputs for the inputs that are set; -1 where they depend on the data. */
engine_status engine_context_output_shape(engine_context* context, int32_t tensor, engine_shape* shape);
/* Where an output goes. capacity: its bytes; an output of data-dependent shape that needs more fails the run. */
engine_status engine_context_set_output(engine_context* context, int32_t tensor, void* address, uint64_t capacity);
/* Enqueues one run on a CUDA stream that is not the default one; stream capture works after a first run of the same shapes. */
engine_status engine_context_enqueue(engine_context* context, void* stream);
/* The shape that the last run gave, after its stream was synchronized. */
engine_status engine_context_given_shape(engine_context* context, int32_t tensor, engine_shape* shape);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
