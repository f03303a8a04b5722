#include "library.h"

#include "causes.h"

#include <dlfcn.h>

namespace pipeline {
namespace {

constexpr int32_t kMajor = NV_TENSORRT_MAJOR;

std::string versioned(char const* name) {
    return std::string(name) + ".so." + std::to_string(kMajor);
}

[[noreturn]] void refuse(std::string const& what, Logger const& logger) {
    std::string const errors = logger.errors();
    throw Failure(causeOf(errors, ENGINE_LIBRARY_INCOMPATIBLE), what + " " + errors);
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
    } catch (Failure const& failure) {
        noParser_ = failure.what();
    }
    try {
        plugins_ = open(directory, "libnvinfer_plugin");
    } catch (Failure const&) {
    }
    if (plugins_ != nullptr) find<bool(void*, char const*)>(plugins_, "initLibNvInferPlugins")(nullptr, "");
}

Owned<nvinfer1::IBuilder> Library::createBuilder(Logger& logger) const {
    void* builder = find<void*(void*, int32_t)>(inference_, "createInferBuilder_INTERNAL")(&logger, NV_TENSORRT_VERSION);
    if (builder == nullptr) refuse("No builder could be made.", logger);
    return Owned<nvinfer1::IBuilder>(static_cast<nvinfer1::IBuilder*>(builder));
}

Owned<nvinfer1::IRuntime> Library::createRuntime(Logger& logger) const {
    void* runtime = find<void*(void*, int32_t)>(inference_, "createInferRuntime_INTERNAL")(&logger, NV_TENSORRT_VERSION);
    if (runtime == nullptr) refuse("No runtime could be made.", logger);
    Owned<nvinfer1::IRuntime> owned(static_cast<nvinfer1::IRuntime*>(runtime));
    // A plan for several versions brings the runtime of its own; plans are executable content in any case.
    owned->setEngineHostCodeAllowed(true);
    return owned;
}

Owned<nvonnxparser::IParser> Library::createParser(nvinfer1::INetworkDefinition& network, Logger& logger) const {
    if (parser_ == nullptr) throw Failure(ENGINE_LIBRARY_MISSING, "This machine cannot build. " + noParser_);
    void* parser = find<void*(void*, void*, int)>(parser_, "createNvOnnxParser_INTERNAL")(&network, &logger, NV_ONNX_PARSER_VERSION);
    if (parser == nullptr) refuse("No ONNX parser could be made.", logger);
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
