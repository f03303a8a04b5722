#include "blob.h"
#include "build_options.h"
#include "causes.h"
#include "known_options.h"
#include "parse.h"
#include "progress.h"
#include "timing_cache.h"

#include <mutex>

namespace pipeline {
namespace {

// Builds beside each other disturb each other's timings, and have crashed.
std::mutex oneBuild;

// The memory is freed by the library that made it, so it keeps that library loaded.
struct HeldMemory {
    std::shared_ptr<Library const> library;
    Owned<nvinfer1::IHostMemory> memory;
};

engine_blob* blobOf(std::shared_ptr<Library const> library, Owned<nvinfer1::IHostMemory> memory) {
    auto held = std::make_shared<HeldMemory const>(HeldMemory{std::move(library), std::move(memory)});
    return new engine_blob{held, held->memory->data(), held->memory->size()};
}

[[noreturn]] void refuse(std::string const& what, Logger const& logger) {
    std::string const errors = logger.errors();
    throw Failure(causeOf(errors, ENGINE_BUILD_FAILED), what + " " + errors);
}

engine_blob* layersOf(Library const& library, Logger& logger, nvinfer1::IHostMemory const& plan) {
    Owned<nvinfer1::IRuntime> runtime = library.createRuntime(logger);
    Owned<nvinfer1::ICudaEngine> engine(runtime->deserializeCudaEngine(plan.data(), plan.size()));
    if (engine == nullptr) refuse("The plan does not load again.", logger);
    Owned<nvinfer1::IEngineInspector> inspector(engine->createEngineInspector());
    if (inspector == nullptr) refuse("The plan's layers cannot be told.", logger);
    char const* json = inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kJSON);
    return engine_blob::of(json == nullptr ? "{}" : json);
}

struct Built {
    std::unique_ptr<engine_blob> plan, timingCache, layers;
};

Built build(std::shared_ptr<Library const> const& shared, engine_build_options const& options) {
    Library const& library = *shared;
    std::lock_guard<std::mutex> lock(oneBuild);
    Logger logger(options.log, options.state);
    Progress progress(options.progress, options.state);
    Owned<nvinfer1::IBuilder> builder = library.createBuilder(logger);
    // Always strongly typed, so that one ONNX file means the same on every version; 11 knows nothing else.
#if NV_TENSORRT_MAJOR < 11
    uint32_t const typing = 1U << static_cast<uint32_t>(nvinfer1::NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
#else
    uint32_t const typing = 0;
#endif
    Owned<nvinfer1::INetworkDefinition> network(builder->createNetworkV2(typing));
    Owned<nvinfer1::IBuilderConfig> config(builder->createBuilderConfig());
    if (network == nullptr || config == nullptr) refuse("No network could be made.", logger);
    Owned<nvonnxparser::IParser> parser = library.createParser(*network, logger);
    parseModel(*parser, options, logger);
    addProfiles(options, *builder, *network, *config);
    applyOptions(library, options, *config);
    TimingCache cache(library, options, *config);
    config->setProgressMonitor(&progress);

    Owned<nvinfer1::IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    if (plan == nullptr) {
        if (progress.isCancelled()) throw Failure(ENGINE_CANCELLED, "The build was cancelled.");
        refuse("TensorRT did not build the engine.", logger);
    }
    cache.checkReplay();
    Built built;
    if ((options.flags & ENGINE_BUILD_INSPECT) != 0) built.layers.reset(layersOf(library, logger, *plan));
    built.timingCache.reset(blobOf(shared, cache.serialize()));
    built.plan.reset(blobOf(shared, std::move(plan)));
    return built;
}

} // namespace
} // namespace pipeline

extern "C" engine_status engine_build(
    engine_library* library, engine_build_options const* options, engine_blob** plan, engine_blob** timing_cache, engine_blob** layers) {
    return pipeline::guarded([&] {
        pipeline::require(library != nullptr && plan != nullptr, "There is no library or no place for the plan.");
        engine_build_options const known = pipeline::knownOf(options);
        pipeline::check(known);
        pipeline::Built built = pipeline::build(library->library, known);
        *plan = built.plan.release();
        if (timing_cache != nullptr) *timing_cache = built.timingCache.release();
        if (layers != nullptr) *layers = built.layers.release();
    });
}
