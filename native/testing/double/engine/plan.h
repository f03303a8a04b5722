// A loaded plan. Its contexts hold it.
#pragma once

#include "cuda/memory.h"
#include "plan/plan_file.h"

#include <memory>

namespace pipeline::simulation {

struct Plan : LiveObject {
    explicit Plan(PlanFile read);

    Tensor const& tensor(int32_t index) const;
    std::vector<ShapeRange> const& profile(int32_t number) const;
    // What a context of the profile takes: room for its tensors at their largest.
    uint64_t deviceBytes(int32_t profile) const;

    PlanFile const file;
    ReservedMemory const weights;
};

} // namespace pipeline::simulation

struct engine_plan {
    std::shared_ptr<pipeline::simulation::Plan const> plan;
};
