// A plan as bytes: everything that a load needs, under a checksum. The same model, options and version give the same bytes.
#pragma once

#include "plan/digest.h"
#include "program.h"
#include "tensors.h"

#include <string>
#include <string_view>
#include <vector>

namespace pipeline::simulation {

constexpr std::size_t kProfilesMaximum = 1024;

struct ShapeRange {
    engine_shape minimum{}, typical{}, maximum{};
};

struct PlanFile {
    engine_version version{};
    uint32_t flags = 0;
    int32_t compatibility = ENGINE_COMPATIBLE_NONE;
    int32_t deviceMajor = 0, deviceMinor = 0;
    Digest recipe{}; // of the model and the options
    uint64_t weightBytes = 0;
    std::vector<Tensor> tensors;
    std::vector<std::vector<ShapeRange>> profiles; // by profile, then by tensor; those of outputs are unused

    std::string write() const;

    // Throws PlanCorrupt, PlanOtherVersion or PlanOtherDevice.
    static PlanFile read(std::string_view bytes, Program const& here);
};

// Whether a range is ordered and fits the tensor; where not, a sentence's end ("has ...").
std::string faultOf(Tensor const& tensor, ShapeRange const& range);

} // namespace pipeline::simulation
