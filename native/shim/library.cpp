#include "library.h"

#include <dlfcn.h>

namespace pipeline {
namespace {

constexpr int32_t kMajor = NV_TENSORRT_MAJOR;

std::string versioned(char const* name) {
    return std::string(name) + ".so." + std::to_string(kMajor);
}

} // namespace

void Library::Close::operator()(void* handle) const noexcept {
    dlclose(handle);
}

Library::Handle Library::open(std::string const& directory, char const* name) {
    std::string const file = versioned(name);
    std::string const path = directory.empty() ? file : directory + "/" + file;
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        char const* why = dlerror();
        throw Failure(ENGINE_LIBRARY_MISSING, "'" + path + "' cannot be loaded: " + (why == nullptr ? "no reason given" : why));
    }
    return Handle(handle);
}

template <typename Function>
Function* Library::find(Handle const& handle, char const* symbol) {
    void* address = dlsym(handle.get(), symbol);
    if (address == nullptr) {
        throw Failure(ENGINE_LIBRARY_INCOMPATIBLE, std::string("The TensorRT library has no function '") + symbol + "'.");
    }
    return reinterpret_cast<Function*>(address);
}

Library::Library(std::string const& directory) : inference_(open(directory, "libnvinfer")) {
    version_.major = find<int32_t()>(inference_, "getInferLibMajorVersion")();
    version_.minor = find<int32_t()>(inference_, "getInferLibMinorVersion")();
    version_.patch = find<int32_t()>(inference_, "getInferLibPatchVersion")();
    version_.build = find<int32_t()>(inference_, "getInferLibBuildVersion")();
    if (version_.major != kMajor) {
        // The tables of methods differ between majors: calling on would crash.
        throw Failure(
            ENGINE_LIBRARY_INCOMPATIBLE,
            "'" + versioned("libnvinfer") + "' is TensorRT " + std::to_string(version_.major) + ", not " + std::to_string(kMajor) + ".");
    }
    // Methods that 10.1 added are called without a further look wherever the headers have them.
    if (TENSORRT_AT_LEAST(10, 1) && !isAtLeast(10, 1))
        throw Failure(ENGINE_LIBRARY_INCOMPATIBLE, "TensorRT 10.0 is too old for this shim; install 10.1 or newer.");
    // A machine that only runs plans has no parser; building says so then.
    try {
        parser_ = open(directory, "libnvonnxparser");
    } catch (Failure const&) {
    }
    try {
        plugins_ = open(directory, "libnvinfer_plugin");
    } catch (Failure const&) {
    }
    if (plugins_ != nullptr) find<bool(void*, char const*)>(plugins_, "initLibNvInferPlugins")(nullptr, "");
}

Owned<nvinfer1::IBuilder> Library::createBuilder(Logger& logger) const {
    void* builder = find<void*(void*, int32_t)>(inference_, "createInferBuilder_INTERNAL")(&logger, NV_TENSORRT_VERSION);
    if (builder == nullptr) throw Failure(logger.statusOr(ENGINE_LIBRARY_INCOMPATIBLE), "No builder could be made. " + logger.errors());
    return Owned<nvinfer1::IBuilder>(static_cast<nvinfer1::IBuilder*>(builder));
}

Owned<nvinfer1::IRuntime> Library::createRuntime(Logger& logger) const {
    void* runtime = find<void*(void*, int32_t)>(inference_, "createInferRuntime_INTERNAL")(&logger, NV_TENSORRT_VERSION);
    if (runtime == nullptr) throw Failure(logger.statusOr(ENGINE_LIBRARY_INCOMPATIBLE), "No runtime could be made. " + logger.errors());
    return Owned<nvinfer1::IRuntime>(static_cast<nvinfer1::IRuntime*>(runtime));
}

Owned<nvonnxparser::IParser> Library::createParser(nvinfer1::INetworkDefinition& network, Logger& logger) const {
    if (parser_ == nullptr) {
        throw Failure(ENGINE_LIBRARY_MISSING, "'" + versioned("libnvonnxparser") + "' is not there, so this machine cannot build.");
    }
    void* parser = find<void*(void*, void*, int)>(parser_, "createNvOnnxParser_INTERNAL")(&network, &logger, NV_ONNX_PARSER_VERSION);
    if (parser == nullptr) throw Failure(ENGINE_LIBRARY_INCOMPATIBLE, "No ONNX parser could be made. " + logger.errors());
    return Owned<nvonnxparser::IParser>(static_cast<nvonnxparser::IParser*>(parser));
}

} // namespace pipeline

extern "C" engine_status engine_library_open(char const* directory, engine_library** library) {
    return pipeline::guarded([&] {
        pipeline::require(library != nullptr, "There is no place for the library.");
        *library = new engine_library{std::make_shared<pipeline::Library>(directory == nullptr ? "" : directory)};
    });
}

extern "C" engine_status engine_library_version(engine_library* library, engine_version* version) {
    return pipeline::guarded([&] {
        pipeline::require(library != nullptr && version != nullptr, "There is no library or no place for its version.");
        *version = library->library->version();
    });
}

extern "C" void engine_library_release(engine_library* library) {
    delete library;
}
