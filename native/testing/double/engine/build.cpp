// Builds: an ONNX file and options to a plan, taking the time and the faults that the program says.
#include "engine/build_options.h"
#include "engine/build_progress.h"
#include "engine/library.h"
#include "engine/text_blob.h"
#include "engine/timing_cache.h"
#include "known_options.h"
#include "onnx/model.h"

#include <chrono>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace pipeline::simulation {
namespace {

// As with the shims: one build at a time in a process.
std::mutex oneBuild;

struct Built {
    std::unique_ptr<engine_blob> plan, timingCache, layers;
};

// What goes wrong before a device is asked for anything.
void failParsing(Fault fault) {
    if (fault == Fault::ParseError) throw Failure(ENGINE_PARSE_FAILED, "The double's program makes parsing fail.");
    if (fault == Fault::UnsupportedOperator)
        throw Failure(ENGINE_UNSUPPORTED_OPERATOR, "Node 0 (Simulated): the double's program makes an operator unsupported.");
}

// What goes wrong in the middle of a build.
void failBuilding(Fault fault) {
    switch (fault) {
    case Fault::BuildFailed: throw Failure(ENGINE_BUILD_FAILED, "TensorRT did not build the engine. The double's program says so.");
    case Fault::OutOfMemory: throw Failure(ENGINE_OUT_OF_MEMORY, "TensorRT did not build the engine. The GPU is out of memory.");
    case Fault::TimingCacheMiss: throw Failure(ENGINE_TIMING_CACHE_MISS, "The timing cache does not contain a tactic.");
    case Fault::Crash: std::abort();
    case Fault::Hang:
        for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
    default: return;
    }
}

std::string layersOf(OnnxModel const& model) {
    std::string json;
    for (auto const& [kind, count] : model.operators) {
        if (!json.empty()) json += ",";
        json += "{\"LayerType\":\"" + kind + "\",\"Count\":" + std::to_string(count) + "}";
    }
    return "{\"Layers\":[" + json + "]}";
}

PlanFile planOf(std::string const& bytes, OnnxModel const& model, engine_build_options const& options, Program const& program) {
    PlanFile plan;
    plan.version = program.version;
    plan.flags = options.flags & static_cast<uint32_t>(ENGINE_BUILD_VERSION_COMPATIBLE);
    plan.compatibility = options.hardware_compatibility;
    plan.deviceMajor = program.device.major;
    plan.deviceMinor = program.device.minor;
    plan.recipe = recipeOf(bytes, options, program);
    plan.weightBytes = bytes.size();
    plan.tensors = model.tensors;
    plan.profiles = profilesOf(options, model.tensors);
    return plan;
}

std::string modelOf(engine_build_options const& options) {
    if (options.model_path != nullptr) return readModelFile(options.model_path);
    if (options.model_bytes > kModelMaximum) throw Failure(ENGINE_PARSE_FAILED, "The model in memory is larger than 2 GiB.");
    return {static_cast<char const*>(options.model), static_cast<std::size_t>(options.model_bytes)};
}

void say(engine_build_options const& options, std::string const& text) {
    if (options.log != nullptr) options.log(options.state, ENGINE_LOG_INFORMATION, text.c_str());
}

Built build(engine_build_options const& options) {
    std::lock_guard<std::mutex> lock(oneBuild);
    auto const program = currentProgram();
    if (!program->device.isPresent) throw Failure(ENGINE_LIBRARY_MISSING, "There is no simulated GPU.");
    std::string const bytes = modelOf(options);
    failParsing(program->fault);
    OnnxModel const model = parseModel(bytes);
    say(options, "The double of TensorRT has read " + std::to_string(model.nodes) + " nodes; nothing of them is built.");
    PlanFile const plan = planOf(bytes, model, options, *program);
    checkPools(options, program->memoryBytes);
    std::string_view const given(static_cast<char const*>(options.timing_cache), static_cast<std::size_t>(options.timing_cache_bytes));
    TimingCache timings(given);
    timings.cover(model.operators, (options.flags & ENGINE_BUILD_REPLAY) != 0);

    BuildProgress(options, program->buildSeconds).spend(model.operators, model.nodes, [&] { failBuilding(program->fault); });
    std::string written = plan.write();
    if (program->fault == Fault::CorruptPlan) written[written.size() / 2] = static_cast<char>(~written[written.size() / 2]);
    Built built;
    built.plan = blobOf(std::move(written));
    built.timingCache = blobOf(timings.write());
    if ((options.flags & ENGINE_BUILD_INSPECT) != 0) built.layers = blobOf(layersOf(model));
    return built;
}

} // namespace
} // namespace pipeline::simulation

extern "C" engine_status engine_build(
    engine_library* library, engine_build_options const* options, engine_blob** plan, engine_blob** timing_cache, engine_blob** layers) {
    using namespace pipeline::simulation;
    return pipeline::guarded([&] {
        pipeline::require(library != nullptr && plan != nullptr, "There is no library or no place for the plan.");
        engine_build_options const known = pipeline::knownOf(options);
        check(known);
        Built built = build(known);
        *plan = built.plan.release();
        if (timing_cache != nullptr) *timing_cache = built.timingCache.release();
        if (layers != nullptr) *layers = built.layers.release();
    });
}
