// Whether a caller's build options can be taken, and what they make of a model's inputs.
#pragma once

#include "plan/plan_file.h"

#include <vector>

namespace pipeline::simulation {

// Throws InvalidArgument; as the shims do.
void check(engine_build_options const& options);

// Whether the device has what tactics may take. Throws InvalidArgument.
void checkPools(engine_build_options const& options, uint64_t deviceBytes);

// The ranges of every profile by tensor; the one of fixed shapes when there is no profile. Throws InvalidArgument or BuildFailed.
std::vector<std::vector<ShapeRange>> profilesOf(engine_build_options const& options, std::vector<Tensor> const& tensors);

// What tells this build's plan from others: the model and every option that a plan depends on.
Digest recipeOf(std::string_view model, engine_build_options const& options, Program const& program);

} // namespace pipeline::simulation
