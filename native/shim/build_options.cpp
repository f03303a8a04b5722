#include "build_options.h"

#include "known_options.h"
#include "names.h"

namespace pipeline {
namespace {

// As trtexec has it; the library's own single iteration lets noise choose the tactics.
constexpr int32_t kTimingIterations = 8;

constexpr uint32_t kKnownFlags = ENGINE_BUILD_VERSION_COMPATIBLE | ENGINE_BUILD_STRIP_WEIGHTS | ENGINE_BUILD_WEIGHT_STREAMING
    | ENGINE_BUILD_NO_TF32 | ENGINE_BUILD_RECORD | ENGINE_BUILD_REPLAY | ENGINE_BUILD_INSPECT;

[[noreturn]] void refuse(char const* what, char const* since) {
    throw Failure(ENGINE_NOT_SUPPORTED, std::string(what) + " needs TensorRT " + since + " or newer.");
}

bool has(engine_build_options const& options, uint32_t flag) {
    return (options.flags & flag) != 0;
}

void applyTimingCacheFlags(Library const& library, engine_build_options const& options, nvinfer1::IBuilderConfig& config) {
    if (!has(options, ENGINE_BUILD_RECORD) && !has(options, ENGINE_BUILD_REPLAY)) return;
#if TENSORRT_AT_LEAST(10, 8)
    if (!library.isAtLeast(10, 8)) refuse("A build that can be replayed", "10.8");
    config.setFlag(nvinfer1::BuilderFlag::kEDITABLE_TIMING_CACHE);
    // Kernels compiled on the way are not part of what is recorded.
    config.setFlag(nvinfer1::BuilderFlag::kDISABLE_COMPILATION_CACHE);
    if (has(options, ENGINE_BUILD_REPLAY)) config.setFlag(nvinfer1::BuilderFlag::kERROR_ON_TIMING_CACHE_MISS);
#else
    static_cast<void>(library);
    static_cast<void>(config);
    refuse("A build that can be replayed", "10.8");
#endif
}

void applyCompatibility(Library const& library, engine_build_options const& options, nvinfer1::IBuilderConfig& config) {
    switch (options.hardware_compatibility) {
    case ENGINE_COMPATIBLE_NONE: return;
    case ENGINE_COMPATIBLE_AMPERE_PLUS:
        config.setHardwareCompatibilityLevel(nvinfer1::HardwareCompatibilityLevel::kAMPERE_PLUS);
        return;
    case ENGINE_COMPATIBLE_SAME_CAPABILITY:
#if TENSORRT_AT_LEAST(10, 9)
        if (library.isAtLeast(10, 9)) {
            config.setHardwareCompatibilityLevel(nvinfer1::HardwareCompatibilityLevel::kSAME_COMPUTE_CAPABILITY);
            return;
        }
#endif
        static_cast<void>(library);
        refuse("A plan for every product of one compute capability", "10.9");
    default: throw Failure(ENGINE_INVALID_ARGUMENT, "The hardware compatibility is none that is known.");
    }
}

void limitPool(nvinfer1::IBuilderConfig& config, nvinfer1::MemoryPoolType pool, uint64_t bytes, char const* refusal) {
    if (bytes == 0) return;
    config.setMemoryPoolLimit(pool, bytes);
    // A size that it does not take changes nothing, and is not told otherwise.
    require(config.getMemoryPoolLimit(pool) == bytes, refusal);
}

// After the compatibility, which has a limit of its own for shared memory.
void applyPoolLimits(engine_build_options const& options, nvinfer1::IBuilderConfig& config) {
    using nvinfer1::MemoryPoolType;
    limitPool(config, MemoryPoolType::kWORKSPACE, options.workspace_bytes, "The workspace is larger than the device's memory.");
    limitPool(
        config, MemoryPoolType::kTACTIC_DRAM, options.tactic_dram_bytes, "The tactics' memory is larger than the device's memory.");
    limitPool(
        config, MemoryPoolType::kTACTIC_SHARED_MEMORY, options.tactic_shared_memory_bytes,
        "The tactics' shared memory is not of a size that the device takes: less than 1 GiB.");
}

} // namespace

void check(engine_build_options const& options) {
    checkModel(options);
    require((options.flags & ~kKnownFlags) == 0, "A build flag is set that is not known.");
    require(options.input_count >= 0 && options.profile_count >= 0, "A count is negative.");
    require(options.input_count == 0 || options.inputs != nullptr, "Shape profiles are announced and missing.");
    require(options.optimization_level >= -1 && options.optimization_level <= 5, "The optimization level must be -1 to 5.");
    require(options.timing_cache_bytes == 0 || options.timing_cache != nullptr, "A timing cache is announced and missing.");
    for (int32_t i = 0; i < options.input_count; i++) {
        engine_profile_input const& input = options.inputs[i];
        require(input.input != nullptr, "A shape profile names no input.");
        require(input.profile >= 0 && input.profile < options.profile_count, "An input belongs to no shape profile.");
    }
    require(!has(options, ENGINE_BUILD_REPLAY) || options.timing_cache_bytes > 0, "A replay needs the timing cache of its recording.");
}

void addProfiles(
    engine_build_options const& options, nvinfer1::IBuilder& builder, nvinfer1::INetworkDefinition& network,
    nvinfer1::IBuilderConfig& config) {
    using Selector = nvinfer1::OptProfileSelector;
    for (int32_t number = 0; number < options.profile_count; number++) {
        nvinfer1::IOptimizationProfile* profile = builder.createOptimizationProfile();
        if (profile == nullptr) throw Failure(ENGINE_BUILD_FAILED, "No shape profile could be made.");
        for (int32_t i = 0; i < options.input_count; i++) {
            engine_profile_input const& input = options.inputs[i];
            if (input.profile != number) continue;
            bool const isTaken = profile->setDimensions(input.input, Selector::kMIN, dimensionsOf(input.minimum))
                && profile->setDimensions(input.input, Selector::kOPT, dimensionsOf(input.typical))
                && profile->setDimensions(input.input, Selector::kMAX, dimensionsOf(input.maximum));
            if (!isTaken) {
                throw Failure(
                    ENGINE_INVALID_ARGUMENT,
                    "Shape profile " + std::to_string(number) + " has shapes that input '" + input.input + "' does not take.");
            }
        }
        if (config.addOptimizationProfile(profile) < 0) {
            throw Failure(
                ENGINE_INVALID_ARGUMENT, "Shape profile " + std::to_string(number) + " does not fit the "
                    + std::to_string(network.getNbInputs()) + " inputs of the model.");
        }
    }
}

void applyOptions(Library const& library, engine_build_options const& options, nvinfer1::IBuilderConfig& config) {
    using nvinfer1::BuilderFlag;
    config.setAvgTimingIterations(kTimingIterations);
    if (options.optimization_level >= 0) config.setBuilderOptimizationLevel(options.optimization_level);
    if (has(options, ENGINE_BUILD_NO_TF32)) config.clearFlag(BuilderFlag::kTF32);
    if (has(options, ENGINE_BUILD_VERSION_COMPATIBLE)) config.setFlag(BuilderFlag::kVERSION_COMPATIBLE);
    if (has(options, ENGINE_BUILD_STRIP_WEIGHTS)) {
        config.setFlag(BuilderFlag::kREFIT_IDENTICAL);
        config.setFlag(BuilderFlag::kSTRIP_PLAN);
    }
    if (has(options, ENGINE_BUILD_WEIGHT_STREAMING)) {
#if TENSORRT_AT_LEAST(10, 1)
        config.setFlag(BuilderFlag::kWEIGHT_STREAMING);
#else
        refuse("A plan whose weights are streamed", "10.1");
#endif
    }
    if (has(options, ENGINE_BUILD_INSPECT)) config.setProfilingVerbosity(nvinfer1::ProfilingVerbosity::kDETAILED);
    applyTimingCacheFlags(library, options, config);
    applyCompatibility(library, options, config);
    applyPoolLimits(options, config);
}

} // namespace pipeline
