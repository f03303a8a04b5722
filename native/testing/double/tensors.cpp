#include "tensors.h"

#include "failure.h"

#include <algorithm>

namespace pipeline::simulation {
namespace {
constexpr uint64_t kBytesMaximum = uint64_t{1} << 46;
} // namespace

engine_shape Tensor::shape() const {
    engine_shape shape{};
    shape.count = static_cast<int32_t>(dimensions.size());
    for (std::size_t i = 0; i < dimensions.size(); i++) shape.values[i] = dimensions[i].size;
    return shape;
}

bool Tensor::isFree() const {
    return std::any_of(dimensions.begin(), dimensions.end(), [](Dimension const& d) { return d.isFree(); });
}

bool Tensor::isDataDependent() const {
    return std::any_of(dimensions.begin(), dimensions.end(), [](Dimension const& d) { return d.isDataDependent(); });
}

uint64_t elementBytes(int32_t type) {
    switch (type) {
    case ENGINE_INT64: return 8;
    case ENGINE_FLOAT:
    case ENGINE_INT32: return 4;
    case ENGINE_HALF:
    case ENGINE_BFLOAT16: return 2;
    case ENGINE_INT8:
    case ENGINE_UINT8:
    case ENGINE_BOOL: return 1;
    default: throw Failure(ENGINE_INTERNAL, "A tensor has an element type that is none.");
    }
}

uint64_t bytesOf(int32_t type, engine_shape const& shape) {
    uint64_t bytes = elementBytes(type);
    for (int32_t i = 0; i < shape.count; i++) {
        require(shape.values[i] >= 0, "A shape is free where its size is needed.");
        auto const size = static_cast<uint64_t>(shape.values[i]);
        require(size == 0 || bytes <= kBytesMaximum / size, "A tensor is larger than any memory.");
        bytes *= size;
    }
    return bytes;
}

std::string textOf(engine_shape const& shape) {
    std::string text = "[";
    for (int32_t i = 0; i < shape.count; i++) text += (i == 0 ? "" : ",") + std::to_string(shape.values[i]);
    return text + "]";
}

} // namespace pipeline::simulation
