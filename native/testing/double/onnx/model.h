// What a build needs to know of an ONNX file: its inputs and outputs, and which operators it has. Weights are not looked at.
#pragma once

#include "failure.h"
#include "tensors.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::simulation {

struct OnnxModel {
    std::vector<Tensor> tensors;              // inputs (initializers aside), then outputs
    std::map<std::string, int32_t> operators; // nodes of the main graph by type, "domain:Type" outside of ONNX's own domain
    int32_t nodes = 0;
};

// No protobuf is larger.
constexpr uint64_t kModelMaximum = INT32_MAX;

// The bytes of the file; throws ParseFailed when it cannot be read or is larger than a protobuf can be.
std::string readModelFile(char const* path);

// Throws ParseFailed or UnsupportedOperator with a sentence.
OnnxModel parseModel(std::string_view bytes);

} // namespace pipeline::simulation
