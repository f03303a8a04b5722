// The build options of a caller that was compiled with this header, an older one or a newer one.
#pragma once

#include "failure.h"

#include <cstring>

namespace pipeline {

// Those of the interface's first day.
constexpr std::size_t kFirstOptionsSize = offsetof(engine_build_options, model);
constexpr std::size_t kOptionsSizeMaximum = 4096;

// Throws InvalidArgument for options that are none, and NotSupported for more than is known here.
inline engine_build_options knownOf(engine_build_options const* given) {
    require(given != nullptr, "There are no build options.");
    require(given->size >= kFirstOptionsSize && given->size <= kOptionsSizeMaximum, "The build options are of another size.");
    engine_build_options known{};
    std::memcpy(&known, given, given->size < sizeof known ? given->size : sizeof known);
    char const* const bytes = reinterpret_cast<char const*>(given);
    for (std::size_t i = sizeof known; i < given->size; i++) {
        if (bytes[i] != 0) throw Failure(ENGINE_NOT_SUPPORTED, "A build option is set that this library is too old for.");
    }
    return known;
}

// Throws InvalidArgument unless there is one model, in a file or in memory.
inline void checkModel(engine_build_options const& options) {
    bool const isFile = options.model_path != nullptr;
    require(isFile || options.model != nullptr, "No model is named, and none is in memory.");
    require(!isFile || (options.model == nullptr && options.model_bytes == 0), "One model is named and another one is in memory.");
    require(!isFile || options.model_path[0] != '\0', "The model's path is empty.");
    require(isFile || options.model_bytes > 0, "The model in memory is empty.");
}

} // namespace pipeline
