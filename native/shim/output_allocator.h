// Where an output goes whose shape depends on the data: memory that the caller gave, or a failed run. Nothing is allocated here.
#pragma once

#include <NvInferRuntime.h>

#include <cstdint>

namespace pipeline {

class OutputAllocator final : public nvinfer1::IOutputAllocator {
public:
    void give(void* address, uint64_t capacity) noexcept {
        address_ = address;
        capacity_ = capacity;
    }

    void* reallocateOutputAsync(char const*, void*, uint64_t size, uint64_t, cudaStream_t) noexcept override {
        return size <= capacity_ ? address_ : nullptr;
    }

    // Before a run, so that it does not end with the shape of another.
    void forget() noexcept { given_.nbDims = -1; }

    void notifyShape(char const*, nvinfer1::Dims const& dimensions) noexcept override { given_ = dimensions; }

    // No dimensions (-1) before a run has told them.
    nvinfer1::Dims const& given() const noexcept { return given_; }

private:
    void* address_ = nullptr;
    uint64_t capacity_ = 0;
    nvinfer1::Dims given_{-1, {}};
};

} // namespace pipeline
