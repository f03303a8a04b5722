// The shapes of outputs, from those of inputs. A dimension that is free in the model is that of the input dimension of the same name,
// else of the same axis of the first input, else 1.
#pragma once

#include "tensors.h"

#include <vector>

namespace pipeline::simulation {

// inputs: by tensor, those of outputs unused. -1 where the shape depends on the data.
engine_shape outputShape(std::vector<Tensor> const& tensors, std::size_t output, std::vector<engine_shape> const& inputs);

// What the data can make of it at most.
engine_shape largestOutput(std::vector<Tensor> const& tensors, std::size_t output, std::vector<engine_shape> const& inputs);

// With its data-dependent dimensions as this run's data makes them.
engine_shape givenShape(Tensor const& output, engine_shape shape, uint64_t data);

} // namespace pipeline::simulation
