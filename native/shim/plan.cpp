#include "plan.h"

#include "causes.h"
#include "names.h"

#include <algorithm>
#include <iterator>

namespace pipeline {
namespace {

// The first bytes of every plan; a cheap look before megabytes are handed to TensorRT.
constexpr unsigned char kMagic[] = {'f', 't', 'r', 't'};
constexpr uint64_t kHeaderBytes = 28;

void checkHeader(void const* bytes, uint64_t size, engine_version const& version) {
    auto const* header = static_cast<unsigned char const*>(bytes);
    if (size < kHeaderBytes || !std::equal(std::begin(kMagic), std::end(kMagic), header))
        throw Failure(ENGINE_PLAN_CORRUPT, "The bytes are no TensorRT plan.");
    if (header[24] != version.major) {
        throw Failure(
            ENGINE_PLAN_OTHER_VERSION, "The plan was built by TensorRT " + std::to_string(header[24]) + "."
                + std::to_string(header[25]) + "; here is " + std::to_string(version.major) + "." + std::to_string(version.minor) + ".");
    }
}

uint64_t deviceMemoryOf(Plan const& plan, int32_t profile) {
#if TENSORRT_AT_LEAST(10, 1)
    return static_cast<uint64_t>(plan.engine->getDeviceMemorySizeForProfileV2(profile));
#else
    return plan.engine->getDeviceMemorySizeForProfile(profile);
#endif
}

uint64_t weightsOnDevice(nvinfer1::ICudaEngine const& engine) {
    int64_t bytes = engine.getStreamableWeightsSize();
#if TENSORRT_AT_LEAST(10, 1)
    if (bytes > 0) bytes = engine.getWeightStreamingBudgetV2();
#endif
    return bytes > 0 ? static_cast<uint64_t>(bytes) : 0;
}

// As many weights on the device as there is room for, where the others can be streamed: TensorRT's own default streams none.
void chooseWeightBudget(Plan const& plan) {
#if TENSORRT_AT_LEAST(10, 1)
    nvinfer1::ICudaEngine& engine = *plan.engine;
    if (engine.getStreamableWeightsSize() <= 0 || engine.setWeightStreamingBudgetV2(engine.getWeightStreamingAutomaticBudget())) return;
    std::string const errors = plan.logger->errors();
    throw Failure(causeOf(errors, ENGINE_OUT_OF_MEMORY), "The plan's weights cannot be streamed. " + errors);
#else
    static_cast<void>(plan);
#endif
}

std::shared_ptr<Plan const> load(
    std::shared_ptr<Library const> library, void const* bytes, uint64_t size, engine_log log, void* state) {
    checkHeader(bytes, size, library->version());
    auto plan = std::make_shared<Plan>();
    plan->logger = std::make_unique<Logger>(log, state);
    plan->runtime = library->createRuntime(*plan->logger);
    plan->library = std::move(library);
    plan->engine.reset(plan->runtime->deserializeCudaEngine(bytes, static_cast<std::size_t>(size)));
    Logger& logger = *plan->logger;
    if (plan->engine == nullptr) {
        std::string const errors = logger.errors();
        throw Failure(causeOfLoad(errors, ENGINE_PLAN_CORRUPT), "The plan does not load. " + errors);
    }
    chooseWeightBudget(*plan);
    int32_t const count = plan->engine->getNbIOTensors();
    for (int32_t i = 0; i < count; i++) plan->tensors.emplace_back(plan->engine->getIOTensorName(i));
    logger.silence();
    return plan;
}

} // namespace

char const* Plan::tensor(int32_t index) const {
    require(index >= 0 && static_cast<std::size_t>(index) < tensors.size(), "The plan has no tensor of this number.");
    return tensors[static_cast<std::size_t>(index)].c_str();
}

void Plan::requireProfile(int32_t profile) const {
    require(profile >= 0 && profile < engine->getNbOptimizationProfiles(), "The plan has no shape profile of this number.");
}

} // namespace pipeline

using namespace pipeline;

extern "C" engine_status engine_plan_load(
    engine_library* library, void const* bytes, uint64_t size, engine_log log, void* state, engine_plan** plan) {
    return guarded([&] {
        require(library != nullptr && bytes != nullptr && plan != nullptr, "There is no library, no plan or no place for it.");
        *plan = new engine_plan{load(library->library, bytes, size, log, state)};
    });
}

extern "C" void engine_plan_release(engine_plan* plan) {
    delete plan;
}

extern "C" int32_t engine_plan_tensors(engine_plan const* plan) {
    return static_cast<int32_t>(plan->plan->tensors.size());
}

extern "C" engine_status engine_plan_tensor(engine_plan const* plan, int32_t index, engine_tensor* tensor) {
    return guarded([&] {
        require(plan != nullptr && tensor != nullptr, "There is no plan or no place for the tensor.");
        nvinfer1::ICudaEngine const& engine = *plan->plan->engine;
        char const* name = plan->plan->tensor(index);
        bool const isOnHost = engine.getTensorLocation(name) == nvinfer1::TensorLocation::kHOST;
        *tensor = engine_tensor{
            name, typeOf(engine.getTensorDataType(name)), plan->plan->isInput(name), isOnHost, 0, shapeOf(engine.getTensorShape(name))};
    });
}

extern "C" int32_t engine_plan_profiles(engine_plan const* plan) {
    return plan->plan->engine->getNbOptimizationProfiles();
}

extern "C" engine_status engine_plan_profile(
    engine_plan const* plan, int32_t profile, int32_t tensor, engine_profile_input* range) {
    return guarded([&] {
        require(plan != nullptr && range != nullptr, "There is no plan or no place for the shapes.");
        using Selector = nvinfer1::OptProfileSelector;
        nvinfer1::ICudaEngine const& engine = *plan->plan->engine;
        char const* name = plan->plan->tensor(tensor);
        plan->plan->requireProfile(profile);
        require(plan->plan->isInput(name), "Only inputs have shape profiles.");
        auto const shape = [&](Selector selector) { return shapeOf(engine.getProfileShape(name, profile, selector)); };
        *range = engine_profile_input{profile, 0, name, shape(Selector::kMIN), shape(Selector::kOPT), shape(Selector::kMAX)};
    });
}

extern "C" engine_status engine_plan_memory(
    engine_plan const* plan, int32_t profile, uint64_t* device_bytes, uint64_t* weight_bytes) {
    return guarded([&] {
        require(plan != nullptr && device_bytes != nullptr && weight_bytes != nullptr, "There is no plan or no place for the sizes.");
        plan->plan->requireProfile(profile);
        *device_bytes = deviceMemoryOf(*plan->plan, profile);
        // Known for engines whose weights can be streamed; the size of the plan is the estimate for others.
        *weight_bytes = weightsOnDevice(*plan->plan->engine);
    });
}
