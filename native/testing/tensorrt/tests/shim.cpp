#include "shim.h"

#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

namespace test {
namespace {

std::string const kTensorRt = std::string(LIBRARIES) + "/libnvinfer.so." + std::to_string(NV_TENSORRT_MAJOR);
void* tensorRtHandle = nullptr;
fake::State* state = nullptr;

[[noreturn]] void stop(char const* what) {
    std::fprintf(stderr, "%s: %s\n", what, dlerror());
    std::exit(2);
}

template <typename Function>
void find(void* handle, char const* name, Function& function) {
    void* address = dlsym(handle, name);
    if (address == nullptr) stop(name);
    function = reinterpret_cast<Function>(address);
}

template <typename Shape>
std::string joined(Shape const& shape, int32_t count) {
    std::string result;
    for (int32_t i = 0; i < count; i++) result += (i == 0 ? "" : "x") + std::to_string(shape[i]);
    return result;
}

} // namespace

Shim const& shim() {
    static Shim const found = [] {
        Shim functions{};
        void* handle = dlopen(SHIM, RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) stop(SHIM);
#define SHIM_FIND(function) find(handle, #function, functions.function);
        SHIM_FUNCTIONS(SHIM_FIND)
#undef SHIM_FIND
        return functions;
    }();
    return found;
}

void openTensorRt() {
    tensorRtHandle = dlopen(kTensorRt.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (tensorRtHandle == nullptr) stop(kTensorRt.c_str());
    fake::State& (*get)() = nullptr;
    find(tensorRtHandle, "fakeState", get);
    state = &get();
    state->script = {};
    state->record = {};
}

void closeTensorRt() {
    dlclose(tensorRtHandle);
    tensorRtHandle = nullptr;
    state = nullptr;
}

fake::State& tensorrt() {
    return *state;
}

bool isTensorRtLoaded() {
    void* handle = dlopen(kTensorRt.c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (handle != nullptr) dlclose(handle);
    return handle != nullptr;
}

std::string lastError() {
    return shim().engine_last_error();
}

bool wasCalled(std::string const& call) {
    for (std::string const& made : tensorrt().record.calls) {
        if (made == call) return true;
    }
    return false;
}

engine_status open(std::string const& directory, Held<engine_library>& library) {
    engine_library* opened = nullptr;
    engine_status const status = shim().engine_library_open(directory.c_str(), &opened);
    library.reset(opened);
    return status;
}

Held<engine_library> openLibrary() {
    Held<engine_library> library;
    if (open(LIBRARIES, library) != ENGINE_OK) stop(lastError().c_str());
    return library;
}

engine_build_options buildOptions() {
    engine_build_options options{};
    options.size = sizeof options;
    options.model_path = "model.onnx";
    options.optimization_level = -1;
    return options;
}

Built build(engine_library& library, engine_build_options const& options) {
    engine_blob *plan = nullptr, *timingCache = nullptr, *layers = nullptr;
    Built built;
    built.status = shim().engine_build(&library, &options, &plan, &timingCache, &layers);
    built.error = lastError();
    built.plan.reset(plan);
    built.timingCache.reset(timingCache);
    built.layers.reset(layers);
    return built;
}

std::string bytesOf(Held<engine_blob> const& blob) {
    if (blob == nullptr) return "";
    return {static_cast<char const*>(shim().engine_blob_data(blob.get())), shim().engine_blob_bytes(blob.get())};
}

std::string planBytes() {
    std::string bytes = "ftrt" + std::string(20, '\0');
    for (int part : {NV_TENSORRT_MAJOR, NV_TENSORRT_MINOR, NV_TENSORRT_PATCH, NV_TENSORRT_BUILD}) bytes += static_cast<char>(part);
    return bytes + "device code";
}

engine_status load(engine_library& library, std::string const& bytes, Held<engine_plan>& plan) {
    engine_plan* loaded = nullptr;
    engine_status const status = shim().engine_plan_load(&library, bytes.data(), bytes.size(), nullptr, nullptr, &loaded);
    plan.reset(loaded);
    return status;
}

nvinfer1::Dims dims(std::vector<int64_t> const& values) {
    nvinfer1::Dims dimensions{};
    for (int64_t value : values) dimensions.d[dimensions.nbDims++] = value;
    return dimensions;
}

engine_shape shape(std::vector<int64_t> const& values) {
    engine_shape result{};
    for (int64_t value : values) result.values[result.count++] = value;
    return result;
}

std::string text(nvinfer1::Dims const& dimensions) {
    return joined(dimensions.d, dimensions.nbDims);
}

std::string text(engine_shape const& shape) {
    return joined(shape.values, shape.count);
}

} // namespace test
