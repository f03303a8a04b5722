#include "engine/build_options.h"

#include "known_options.h"
#include "plan/bytes.h"

namespace pipeline::simulation {
namespace {

constexpr uint32_t kKnownFlags = ENGINE_BUILD_VERSION_COMPATIBLE | ENGINE_BUILD_STRIP_WEIGHTS | ENGINE_BUILD_WEIGHT_STREAMING
    | ENGINE_BUILD_NO_TF32 | ENGINE_BUILD_RECORD | ENGINE_BUILD_REPLAY | ENGINE_BUILD_INSPECT;

// A replay gives the plan of its recording.
constexpr uint32_t kFlagsOutsideOfPlan = ENGINE_BUILD_RECORD | ENGINE_BUILD_REPLAY;

constexpr uint64_t kSharedMemoryEnd = uint64_t{1} << 30;

std::size_t inputOf(std::vector<Tensor> const& tensors, engine_profile_input const& given) {
    for (std::size_t i = 0; i < tensors.size(); i++) {
        if (tensors[i].isInput && tensors[i].name == given.input) return i;
    }
    throw Failure(
        ENGINE_INVALID_ARGUMENT,
        "Shape profile " + std::to_string(given.profile) + " names '" + given.input + "', which is no input of the model.");
}

std::vector<ShapeRange> fixedRanges(std::vector<Tensor> const& tensors) {
    std::vector<ShapeRange> ranges;
    for (Tensor const& tensor : tensors) ranges.push_back({tensor.shape(), tensor.shape(), tensor.shape()});
    return ranges;
}

} // namespace

void check(engine_build_options const& options) {
    checkModel(options);
    require((options.flags & ~kKnownFlags) == 0, "A build flag is set that is not known.");
    require(options.input_count >= 0 && options.profile_count >= 0, "A count is negative.");
    require(options.profile_count <= static_cast<int32_t>(kProfilesMaximum), "There are more than 1024 shape profiles.");
    require(options.input_count == 0 || options.inputs != nullptr, "Shape profiles are announced and missing.");
    require(options.optimization_level >= -1 && options.optimization_level <= 5, "The optimization level must be -1 to 5.");
    require(options.timing_cache_bytes == 0 || options.timing_cache != nullptr, "A timing cache is announced and missing.");
    require(
        options.hardware_compatibility >= ENGINE_COMPATIBLE_NONE
            && options.hardware_compatibility <= ENGINE_COMPATIBLE_SAME_CAPABILITY,
        "The hardware compatibility is none that is known.");
    for (int32_t i = 0; i < options.input_count; i++) {
        engine_profile_input const& input = options.inputs[i];
        require(input.input != nullptr, "A shape profile names no input.");
        require(input.profile >= 0 && input.profile < options.profile_count, "An input belongs to no shape profile.");
        for (engine_shape const& shape : {input.minimum, input.typical, input.maximum})
            require(
                shape.count >= 0 && shape.count <= ENGINE_DIMENSIONS_MAXIMUM, "A shape has more dimensions than TensorRT takes.");
    }
    bool const isReplay = (options.flags & ENGINE_BUILD_REPLAY) != 0;
    require(!isReplay || options.timing_cache_bytes > 0, "A replay needs the timing cache of its recording.");
}

void checkPools(engine_build_options const& options, uint64_t deviceBytes) {
    require(options.workspace_bytes <= deviceBytes, "The workspace is larger than the device's memory.");
    require(options.tactic_dram_bytes <= deviceBytes, "The tactics' memory is larger than the device's memory.");
    require(
        options.tactic_shared_memory_bytes < kSharedMemoryEnd,
        "The tactics' shared memory is not of a size that the device takes: less than 1 GiB.");
}

std::vector<std::vector<ShapeRange>> profilesOf(engine_build_options const& options, std::vector<Tensor> const& tensors) {
    std::vector<std::vector<ShapeRange>> profiles(
        options.profile_count == 0 ? 1 : static_cast<std::size_t>(options.profile_count), fixedRanges(tensors));
    for (int32_t i = 0; i < options.input_count; i++) {
        engine_profile_input const& given = options.inputs[i];
        std::size_t const input = inputOf(tensors, given);
        ShapeRange const range{given.minimum, given.typical, given.maximum};
        std::string const fault = faultOf(tensors[input], range);
        if (!fault.empty()) {
            throw Failure(
                ENGINE_INVALID_ARGUMENT,
                "Shape profile " + std::to_string(given.profile) + " " + fault + " of input '" + given.input + "'.");
        }
        profiles[static_cast<std::size_t>(given.profile)][input] = range;
    }
    for (std::size_t p = 0; p < profiles.size(); p++) {
        for (std::size_t i = 0; i < tensors.size(); i++) {
            if (!tensors[i].isInput || faultOf(tensors[i], profiles[p][i]).empty()) continue;
            if (options.profile_count == 0) {
                throw Failure(
                    ENGINE_BUILD_FAILED, "Input '" + tensors[i].name + "' has a free dimension, and there is no shape profile.");
            }
            throw Failure(
                ENGINE_INVALID_ARGUMENT,
                "Shape profile " + std::to_string(p) + " does not name input '" + tensors[i].name + "', which has a free dimension.");
        }
    }
    return profiles;
}

Digest recipeOf(std::string_view model, engine_build_options const& options, Program const& program) {
    ByteWriter writer;
    engine_version const& version = program.version;
    for (int32_t number : {version.major, version.minor, version.patch, version.build, program.device.major, program.device.minor,
                           options.optimization_level, options.hardware_compatibility, options.input_count, options.profile_count})
        writer.number(static_cast<uint64_t>(number));
    writer.number(options.flags & ~kFlagsOutsideOfPlan);
    for (uint64_t bytes : {options.workspace_bytes, options.tactic_dram_bytes, options.tactic_shared_memory_bytes}) writer.number(bytes);
    for (int32_t i = 0; i < options.input_count; i++) {
        engine_profile_input const& input = options.inputs[i];
        writer.number(static_cast<uint64_t>(input.profile));
        writer.text(input.input);
        for (engine_shape const& shape : {input.minimum, input.typical, input.maximum}) writer.shape(shape);
    }
    Hasher hasher;
    hasher.add(writer.take());
    hasher.add(model);
    return hasher.finish();
}

} // namespace pipeline::simulation
