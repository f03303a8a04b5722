// The shim under test, as programs have it: loaded at run time, its functions found by name.
#pragma once

#include "engine_abi.h"
#include "state.h"

#include <memory>
#include <string>
#include <vector>

namespace test {

#define SHIM_FUNCTIONS(X) \
    X(engine_abi_version) X(engine_last_error) X(engine_library_open) X(engine_library_version) X(engine_library_release) \
    X(engine_blob_data) X(engine_blob_bytes) X(engine_blob_release) X(engine_build) X(engine_plan_load) X(engine_plan_release) \
    X(engine_plan_tensors) X(engine_plan_tensor) X(engine_plan_profiles) X(engine_plan_profile) X(engine_plan_memory) \
    X(engine_context_create) X(engine_context_release) X(engine_context_set_input) X(engine_context_output_shape) \
    X(engine_context_set_output) X(engine_context_enqueue) X(engine_context_given_shape)

struct Shim {
#define SHIM_MEMBER(function) decltype(&::function) function;
    SHIM_FUNCTIONS(SHIM_MEMBER)
#undef SHIM_MEMBER
};

Shim const& shim();

struct Release {
    void operator()(engine_library* library) const { shim().engine_library_release(library); }
    void operator()(engine_blob* blob) const { shim().engine_blob_release(blob); }
    void operator()(engine_plan* plan) const { shim().engine_plan_release(plan); }
    void operator()(engine_context* context) const { shim().engine_context_release(context); }
};
template <typename T>
using Held = std::unique_ptr<T, Release>;

// The fake that the shim will find; opened before each test, with a script and a record that are new.
void openTensorRt();
void closeTensorRt();
fake::State& tensorrt();
bool isTensorRtLoaded();

std::string lastError();
bool wasCalled(std::string const& call);

engine_status open(std::string const& directory, Held<engine_library>& library);
Held<engine_library> openLibrary();

struct Built {
    engine_status status = ENGINE_INTERNAL;
    std::string error;
    Held<engine_blob> plan, timingCache, layers;
};

engine_build_options buildOptions();
Built build(engine_library& library, engine_build_options const& options);

std::string bytesOf(Held<engine_blob> const& blob);

// A plan of this version's own header.
std::string planBytes();
engine_status load(engine_library& library, std::string const& bytes, Held<engine_plan>& plan);

nvinfer1::Dims dims(std::vector<int64_t> const& values);
engine_shape shape(std::vector<int64_t> const& values);
std::string text(nvinfer1::Dims const& dimensions);
std::string text(engine_shape const& shape);

} // namespace test
