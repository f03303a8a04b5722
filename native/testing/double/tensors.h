// Tensors as models and plans describe them.
#pragma once

#include "engine_abi.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pipeline::simulation {

constexpr std::size_t kNameMaximum = 1024;
constexpr std::size_t kTensorsMaximum = 4096;
constexpr int64_t kDimensionMaximum = INT32_MAX;
constexpr char kDataDependent[] = "data_dependent";

struct Dimension {
    int64_t size = -1; // -1: free
    std::string parameter;

    bool isFree() const { return size < 0; }
    bool isDataDependent() const { return isFree() && parameter.compare(0, sizeof(kDataDependent) - 1, kDataDependent) == 0; }
};

struct Tensor {
    std::string name;
    int32_t type = ENGINE_FLOAT;
    bool isInput = false;
    std::vector<Dimension> dimensions;

    engine_shape shape() const;
    bool isFree() const;
    bool isDataDependent() const;
};

uint64_t elementBytes(int32_t type);

// The bytes of a tensor of this shape; throws InvalidArgument when it is free somewhere or larger than memory can be.
uint64_t bytesOf(int32_t type, engine_shape const& shape);

std::string textOf(engine_shape const& shape);

} // namespace pipeline::simulation
