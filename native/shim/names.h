// TensorRT's words in ours. Its numbers differ between majors, so they are mapped by name.
#pragma once

#include "failure.h"

#include <NvInferRuntime.h>

namespace pipeline {

int32_t typeOf(nvinfer1::DataType type) noexcept;

engine_shape shapeOf(nvinfer1::Dims const& dimensions) noexcept;

// Throws InvalidArgument for more dimensions than there can be.
nvinfer1::Dims dimensionsOf(engine_shape const& shape);

} // namespace pipeline
