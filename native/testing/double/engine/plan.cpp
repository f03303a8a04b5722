#include "engine/plan.h"

#include "engine/library.h"
#include "engine/shapes.h"

#include <cstdlib>

namespace pipeline::simulation {

Plan::Plan(PlanFile read) : file(std::move(read)), weights(file.weightBytes) {}

Tensor const& Plan::tensor(int32_t index) const {
    require(index >= 0 && static_cast<std::size_t>(index) < file.tensors.size(), "The plan has no tensor of this number.");
    return file.tensors[static_cast<std::size_t>(index)];
}

std::vector<ShapeRange> const& Plan::profile(int32_t number) const {
    require(
        number >= 0 && static_cast<std::size_t>(number) < file.profiles.size(), "The plan has no shape profile of this number.");
    return file.profiles[static_cast<std::size_t>(number)];
}

uint64_t Plan::deviceBytes(int32_t number) const {
    std::vector<ShapeRange> const& ranges = profile(number);
    std::vector<engine_shape> largest;
    for (ShapeRange const& range : ranges) largest.push_back(range.maximum);
    uint64_t bytes = 0;
    for (std::size_t i = 0; i < file.tensors.size(); i++) {
        engine_shape const shape = file.tensors[i].isInput ? largest[i] : largestOutput(file.tensors, i, largest);
        bytes += bytesOf(file.tensors[i].type, shape);
    }
    return bytes;
}

namespace {

std::shared_ptr<Plan const> load(void const* bytes, uint64_t size) {
    auto const program = currentProgram();
    if (program->fault == Fault::LoadCrash) std::abort();
    if (!program->device.isPresent) throw Failure(ENGINE_LIBRARY_MISSING, "There is no simulated GPU.");
    std::string_view const text(static_cast<char const*>(bytes), static_cast<std::size_t>(size));
    try {
        return std::make_shared<Plan const>(PlanFile::read(text, *program));
    } catch (CudaError const&) {
        throw Failure(ENGINE_OUT_OF_MEMORY, "The GPU has no memory left for the plan's weights.");
    }
}

} // namespace
} // namespace pipeline::simulation

using namespace pipeline;
using namespace pipeline::simulation;

extern "C" engine_status engine_plan_load(
    engine_library* library, void const* bytes, uint64_t size, engine_log log, void* state, engine_plan** plan) {
    return guarded([&] {
        require(library != nullptr && bytes != nullptr && plan != nullptr, "There is no library, no plan or no place for it.");
        *plan = new engine_plan{load(bytes, size)};
        if (log != nullptr) log(state, ENGINE_LOG_INFORMATION, "The double of TensorRT has loaded a plan.");
    });
}

extern "C" void engine_plan_release(engine_plan* plan) {
    delete plan;
}

extern "C" int32_t engine_plan_tensors(engine_plan const* plan) {
    return static_cast<int32_t>(plan->plan->file.tensors.size());
}

extern "C" engine_status engine_plan_tensor(engine_plan const* plan, int32_t index, engine_tensor* tensor) {
    return guarded([&] {
        require(plan != nullptr && tensor != nullptr, "There is no plan or no place for the tensor.");
        Tensor const& found = plan->plan->tensor(index);
        *tensor = engine_tensor{found.name.c_str(), found.type, found.isInput ? 1 : 0, 0, 0, found.shape()};
    });
}

extern "C" int32_t engine_plan_profiles(engine_plan const* plan) {
    return static_cast<int32_t>(plan->plan->file.profiles.size());
}

extern "C" engine_status engine_plan_profile(engine_plan const* plan, int32_t profile, int32_t tensor, engine_profile_input* range) {
    return guarded([&] {
        require(plan != nullptr && range != nullptr, "There is no plan or no place for the shapes.");
        Tensor const& found = plan->plan->tensor(tensor);
        ShapeRange const& shapes = plan->plan->profile(profile).at(static_cast<std::size_t>(tensor));
        require(found.isInput, "Only inputs have shape profiles.");
        *range = engine_profile_input{profile, 0, found.name.c_str(), shapes.minimum, shapes.typical, shapes.maximum};
    });
}

extern "C" engine_status engine_plan_memory(
    engine_plan const* plan, int32_t profile, uint64_t* device_bytes, uint64_t* weight_bytes) {
    return guarded([&] {
        require(plan != nullptr && device_bytes != nullptr && weight_bytes != nullptr, "There is no plan or no place for the sizes.");
        *device_bytes = plan->plan->deviceBytes(profile);
        *weight_bytes = plan->plan->file.weightBytes;
    });
}
