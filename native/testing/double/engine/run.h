// One run: outputs that are a function of every byte of the inputs, and of nothing else.
#pragma once

#include "tensors.h"

#include <memory>
#include <vector>

namespace pipeline::simulation {

// An input's or output's memory as it was when the run was enqueued.
struct BoundTensor {
    int32_t type = 0;
    engine_shape shape{};
    void* address = nullptr;
    uint64_t bytes = 0;
};

// A number that stands for all bytes and shapes of the inputs.
uint64_t dataOf(std::vector<BoundTensor> const& inputs);

// Fills an output. Floats lie in [0, 1), integers in [0, 100), booleans are 0 or 1.
void fill(BoundTensor const& output, std::size_t number, uint64_t data);

} // namespace pipeline::simulation
