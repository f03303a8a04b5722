#include "names.h"

namespace pipeline {

int32_t typeOf(nvinfer1::DataType type) noexcept {
    switch (type) {
    case nvinfer1::DataType::kFLOAT: return ENGINE_FLOAT;
    case nvinfer1::DataType::kHALF: return ENGINE_HALF;
    case nvinfer1::DataType::kBF16: return ENGINE_BFLOAT16;
    case nvinfer1::DataType::kINT8: return ENGINE_INT8;
    case nvinfer1::DataType::kUINT8: return ENGINE_UINT8;
    case nvinfer1::DataType::kINT32: return ENGINE_INT32;
    case nvinfer1::DataType::kINT64: return ENGINE_INT64;
    case nvinfer1::DataType::kBOOL: return ENGINE_BOOL;
    default: return ENGINE_OTHER_TYPE;
    }
}

engine_shape shapeOf(nvinfer1::Dims const& dimensions) {
    if (dimensions.nbDims < 0) throw Failure(ENGINE_INTERNAL, "TensorRT tells no shape.");
    engine_shape shape{};
    shape.count = dimensions.nbDims;
    for (int32_t i = 0; i < dimensions.nbDims && i < ENGINE_DIMENSIONS_MAXIMUM; i++) shape.values[i] = dimensions.d[i];
    return shape;
}

nvinfer1::Dims dimensionsOf(engine_shape const& shape) {
    static_assert(ENGINE_DIMENSIONS_MAXIMUM == nvinfer1::Dims::MAX_DIMS, "the C header's bound is TensorRT's");
    require(shape.count >= 0 && shape.count <= ENGINE_DIMENSIONS_MAXIMUM, "A shape has more dimensions than TensorRT takes.");
    nvinfer1::Dims dimensions{};
    dimensions.nbDims = shape.count;
    for (int32_t i = 0; i < shape.count; i++) dimensions.d[i] = shape.values[i];
    return dimensions;
}

} // namespace pipeline
