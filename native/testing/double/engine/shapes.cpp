#include "engine/shapes.h"

namespace pipeline::simulation {
namespace {

constexpr int64_t kDataDependentMaximum = 16;

int64_t sizeOf(
    Dimension const& dimension, std::size_t axis, std::vector<Tensor> const& tensors, std::vector<engine_shape> const& inputs) {
    if (!dimension.isFree()) return dimension.size;
    if (dimension.isDataDependent()) return -1;
    std::size_t first = tensors.size();
    for (std::size_t i = 0; i < tensors.size(); i++) {
        if (!tensors[i].isInput) continue;
        if (first == tensors.size()) first = i;
        std::vector<Dimension> const& theirs = tensors[i].dimensions;
        for (std::size_t d = 0; d < theirs.size() && !dimension.parameter.empty(); d++) {
            if (theirs[d].isFree() && theirs[d].parameter == dimension.parameter) return inputs[i].values[d];
        }
    }
    return first < tensors.size() && axis < tensors[first].dimensions.size() ? inputs[first].values[axis] : 1;
}

} // namespace

engine_shape outputShape(std::vector<Tensor> const& tensors, std::size_t output, std::vector<engine_shape> const& inputs) {
    std::vector<Dimension> const& dimensions = tensors[output].dimensions;
    engine_shape shape{};
    shape.count = static_cast<int32_t>(dimensions.size());
    for (std::size_t i = 0; i < dimensions.size(); i++) shape.values[i] = sizeOf(dimensions[i], i, tensors, inputs);
    return shape;
}

engine_shape largestOutput(std::vector<Tensor> const& tensors, std::size_t output, std::vector<engine_shape> const& inputs) {
    engine_shape shape = outputShape(tensors, output, inputs);
    for (int32_t i = 0; i < shape.count; i++) {
        if (shape.values[i] < 0) shape.values[i] = kDataDependentMaximum;
    }
    return shape;
}

engine_shape givenShape(Tensor const& output, engine_shape shape, uint64_t data) {
    for (std::size_t i = 0; i < output.dimensions.size(); i++) {
        if (output.dimensions[i].isDataDependent()) shape.values[i] = 1 + static_cast<int64_t>(data % kDataDependentMaximum);
    }
    return shape;
}

} // namespace pipeline::simulation
