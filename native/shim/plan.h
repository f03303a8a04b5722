// A loaded plan: what it was made with lives at least as long, and it at least as long as its contexts.
#pragma once

#include "library.h"

#include <string>
#include <vector>

namespace pipeline {

struct Plan {
    // Destroyed in the reverse order.
    std::shared_ptr<Library const> library;
    std::unique_ptr<Logger> logger;
    Owned<nvinfer1::IRuntime> runtime;
    Owned<nvinfer1::ICudaEngine> engine;
    std::vector<std::string> tensors;

    // Name of a tensor. Throws InvalidArgument when there is none of this number.
    char const* tensor(int32_t index) const;
    bool isInput(char const* name) const { return engine->getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT; }
    void requireProfile(int32_t profile) const;
};

} // namespace pipeline

struct engine_plan {
    std::shared_ptr<pipeline::Plan const> plan;
};
