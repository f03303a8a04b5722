// TensorRT's words in ours. Its numbers differ between majors, so they are mapped by name.
#pragma once

#include "failure.h"

#include <NvInferRuntime.h>

namespace pipeline {

int32_t typeOf(nvinfer1::DataType type) noexcept;

// Throws Internal for the dimensions by which TensorRT says that it has none.
engine_shape shapeOf(nvinfer1::Dims const& dimensions);

// Throws InvalidArgument for more dimensions than there can be.
nvinfer1::Dims dimensionsOf(engine_shape const& shape);

} // namespace pipeline
