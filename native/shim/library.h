// The TensorRT libraries of the major that this shim was compiled for, found at run time: without them the shim loads and says so.
#pragma once

#include "failure.h"
#include "logger.h"

#include <NvInfer.h>
#include <NvOnnxParser.h>

#include <memory>
#include <string>

#define TENSORRT_AT_LEAST(major, minor) \
    (NV_TENSORRT_MAJOR > (major) || (NV_TENSORRT_MAJOR == (major) && NV_TENSORRT_MINOR >= (minor)))

namespace pipeline {

// Objects of TensorRT are freed by delete, through the library that made them.
template <typename T>
using Owned = std::unique_ptr<T>;

class Library {
public:
    // directory: empty for the loader's own search.
    explicit Library(std::string const& directory);

    engine_version version() const noexcept { return version_; }

    // Whether the library at hand has what was added in this version; the headers may be older or newer.
    bool isAtLeast(int32_t major, int32_t minor) const noexcept {
        return version_.major > major || (version_.major == major && version_.minor >= minor);
    }

    Owned<nvinfer1::IBuilder> createBuilder(Logger& logger) const;
    Owned<nvinfer1::IRuntime> createRuntime(Logger& logger) const;
    Owned<nvonnxparser::IParser> createParser(nvinfer1::INetworkDefinition& network, Logger& logger) const;

private:
    struct Close {
        void operator()(void* handle) const noexcept;
    };
    using Handle = std::unique_ptr<void, Close>;

    static Handle open(std::string const& directory, char const* name);
    template <typename Function>
    static Function* find(Handle const& handle, char const* symbol);

    Handle inference_;
    Handle parser_;
    std::string noParser_; // why there is none
    Handle plugins_;
    engine_version version_{};
};

} // namespace pipeline

struct engine_library {
    std::shared_ptr<pipeline::Library const> library;
};
