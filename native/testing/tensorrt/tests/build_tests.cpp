#include "check.h"
#include "shim.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

using namespace test;
using nvonnxparser::ErrorCode;
using Severity = nvinfer1::ILogger::Severity;

namespace {

struct Told {
    std::mutex mutex;
    std::vector<std::string> progress, log;
    int32_t stepsUntilCancel = -1;
    bool throws = false;

    static int32_t onProgress(void* state, char const* phase, char const* parent, int32_t done, int32_t steps) {
        auto& told = *static_cast<Told*>(state);
        std::lock_guard<std::mutex> lock(told.mutex);
        told.progress.push_back(
            std::string(parent == nullptr ? "" : parent) + "/" + phase + " " + std::to_string(done) + "/" + std::to_string(steps));
        if (told.throws) throw 1;
        return told.stepsUntilCancel-- == 0 ? 0 : 1;
    }

    static void onLog(void* state, int32_t severity, char const* text) {
        auto& told = *static_cast<Told*>(state);
        std::lock_guard<std::mutex> lock(told.mutex);
        told.log.push_back(std::to_string(severity) + " " + text);
        if (told.throws) throw 1;
    }

    engine_build_options options() {
        engine_build_options options = buildOptions();
        options.log = onLog;
        options.progress = onProgress;
        options.state = this;
        return options;
    }
};

bool twoSteps(nvinfer1::ILogger&, nvinfer1::IProgressMonitor& monitor) {
    monitor.phaseStart("build", nullptr, 2);
    bool goesOn = monitor.stepComplete("build", 0);
    // TensorRT tells from threads of its own.
    std::thread([&] {
        monitor.phaseStart("tactics", "build", 1);
        goesOn = goesOn && monitor.stepComplete("tactics", 0);
        monitor.phaseFinish("tactics");
    }).join();
    monitor.phaseFinish("build");
    return goesOn;
}

} // namespace

TEST(build, gives_a_plan_and_a_timing_cache) {
    Held<engine_library> const library = openLibrary();
    Built const built = build(*library, buildOptions());
    CHECK_EQUAL(ENGINE_OK, built.status);
    CHECK_EQUAL(planBytes(), bytesOf(built.plan));
    CHECK_EQUAL("timings", bytesOf(built.timingCache));
    CHECK(built.layers == nullptr);
    CHECK_EQUAL("model.onnx", tensorrt().record.modelPath);

    engine_build_options const options = buildOptions();
    engine_blob* plan = nullptr;
    CHECK_EQUAL(ENGINE_OK, shim().engine_build(library.get(), &options, &plan, nullptr, nullptr));
    shim().engine_blob_release(plan);
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_build(library.get(), &options, nullptr, nullptr, nullptr));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_build(nullptr, &options, &plan, nullptr, nullptr));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_build(library.get(), nullptr, &plan, nullptr, nullptr));
}

TEST(build, takes_a_model_from_memory) {
    Held<engine_library> const library = openLibrary();
    std::string const model("a\0model", 7);
    engine_build_options options = buildOptions();
    options.model_path = nullptr;
    options.model = model.data();
    options.model_bytes = model.size();
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK_EQUAL(model, tensorrt().record.model);
    CHECK_EQUAL("", tensorrt().record.modelPath);

    tensorrt().script.parserErrors = {{ErrorCode::kUNSUPPORTED_NODE, "unknown", 7, "odd", "Odd"}};
    Built const built = build(*library, options);
    CHECK_EQUAL(ENGINE_UNSUPPORTED_OPERATOR, built.status);
    CHECK_HAS("Node 7 'odd' (Odd): unknown", built.error);
}

TEST(build, is_strongly_typed) {
    Held<engine_library> const library = openLibrary();
    build(*library, buildOptions());
#if NV_TENSORRT_MAJOR < 11
    CHECK_EQUAL(1U << static_cast<uint32_t>(nvinfer1::NetworkDefinitionCreationFlag::kSTRONGLY_TYPED), tensorrt().record.networkFlags);
#else
    CHECK_EQUAL(0U, tensorrt().record.networkFlags);
#endif
}

TEST(build, names_the_nodes_that_the_parser_does_not_take) {
    Held<engine_library> const library = openLibrary();
    auto& errors = tensorrt().script.parserErrors;
    errors = {{ErrorCode::kINVALID_GRAPH, "a cycle", 3, "loop", "Add"}, {ErrorCode::kINVALID_NODE, "no name", 4}};
    Built built = build(*library, buildOptions());
    CHECK_EQUAL(ENGINE_PARSE_FAILED, built.status);
    CHECK_HAS("Node 3 'loop' (Add): a cycle", built.error);
    CHECK_HAS("Node 4: no name", built.error);

    errors = {{ErrorCode::kINTERNAL_ERROR, "no node"}, {ErrorCode::kUNSUPPORTED_NODE, "unknown", 7, "odd", "Odd"}};
    built = build(*library, buildOptions());
    CHECK_EQUAL(ENGINE_UNSUPPORTED_OPERATOR, built.status);
    CHECK_HAS("no node Node 7 'odd' (Odd): unknown", built.error);

    errors.assign(8, {ErrorCode::kINVALID_NODE, "again", 1});
    CHECK_HAS("(and 3 more)", build(*library, buildOptions()).error);
}

TEST(build, tells_the_log_when_the_parser_gives_no_error) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.broken = {"parseFromFile"};
    tensorrt().script.error = "Could not open file model.onnx";
    Built const built = build(*library, buildOptions());
    CHECK_EQUAL(ENGINE_PARSE_FAILED, built.status);
    CHECK_HAS("Could not open file", built.error);
}

TEST(build, lets_no_exception_of_the_parser_out) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.parserErrors = {{ErrorCode::kINVALID_NODE, "one"}};
    tensorrt().script.parserErrorText = [] { throw std::bad_alloc(); };
    CHECK_EQUAL(ENGINE_OUT_OF_MEMORY, build(*library, buildOptions()).status);
}

TEST(build, fails_with_a_sentence_whatever_answers_null) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.error = "The reason.";
    struct {
        char const* method;
        engine_status status;
    } const cases[] = {
        {"createInferBuilder", ENGINE_LIBRARY_INCOMPATIBLE}, {"createNvOnnxParser", ENGINE_LIBRARY_INCOMPATIBLE},
        {"createNetworkV2", ENGINE_BUILD_FAILED}, {"createBuilderConfig", ENGINE_BUILD_FAILED},
        {"createOptimizationProfile", ENGINE_BUILD_FAILED}, {"buildSerializedNetwork", ENGINE_BUILD_FAILED},
        {"createTimingCache", ENGINE_INVALID_ARGUMENT}, {"setTimingCache", ENGINE_INVALID_ARGUMENT},
        {"ITimingCache::serialize", ENGINE_BUILD_FAILED}, {"createInferRuntime", ENGINE_LIBRARY_INCOMPATIBLE},
        {"deserializeCudaEngine", ENGINE_BUILD_FAILED}, {"createEngineInspector", ENGINE_BUILD_FAILED}};
    for (auto const& one : cases) {
        tensorrt().script.broken = {one.method};
        engine_build_options options = buildOptions();
        options.profile_count = 1;
        options.flags = ENGINE_BUILD_INSPECT;
        Built const built = build(*library, options);
        if (built.status != one.status) test::fail(one.method + (" gives " + std::to_string(built.status)), __FILE__, __LINE__);
        CHECK(!built.error.empty());
        CHECK(built.plan == nullptr && built.timingCache == nullptr && built.layers == nullptr);
    }
    tensorrt().script.broken = {"buildSerializedNetwork"};
    CHECK_HAS("The reason.", build(*library, buildOptions()).error);
}

TEST(build, says_when_memory_ran_out) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.broken = {"buildSerializedNetwork"};
    for (char const* error : {"Error Code 2: OutOfMemory (Requested size was 68719476736 bytes.)", "Cuda Runtime (out of memory)"}) {
        tensorrt().script.error = error;
        CHECK_EQUAL(ENGINE_OUT_OF_MEMORY, build(*library, buildOptions()).status);
    }
    // What it says of an old timing cache says nothing about a plan.
    tensorrt().script.error = "Error Code 1: Serialization (Serialization assertion failed. Version tag does not match.)";
    CHECK_EQUAL(ENGINE_BUILD_FAILED, build(*library, buildOptions()).status);
}

TEST(build, tells_its_progress_from_any_thread) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.during = twoSteps;
    Told told;
    CHECK_EQUAL(ENGINE_OK, build(*library, told.options()).status);
    std::vector<std::string> const expected{
        "/build 0/2", "/build 1/2", "build/tactics 0/1", "build/tactics 1/1", "build/tactics 1/1", "/build 2/2"};
    CHECK(told.progress == expected);
}

TEST(build, can_be_cancelled_at_every_step) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.during = twoSteps;
    for (int32_t step = 0; step < 4; step++) {
        Told told;
        told.stepsUntilCancel = step;
        Built const built = build(*library, told.options());
        CHECK_EQUAL(ENGINE_CANCELLED, built.status);
        CHECK(built.plan == nullptr);
    }
    CHECK_EQUAL(ENGINE_OK, build(*library, buildOptions()).status);
}

TEST(build, hands_on_what_is_logged_from_any_thread) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.during = [](nvinfer1::ILogger& logger, nvinfer1::IProgressMonitor&) {
        std::thread([&] { logger.log(Severity::kERROR, "one"); }).join();
        logger.log(Severity::kINTERNAL_ERROR, "two");
        logger.log(Severity::kWARNING, "three");
        logger.log(Severity::kINFO, "four");
        logger.log(Severity::kVERBOSE, "five");
        return false;
    };
    Told told;
    Built const built = build(*library, told.options());
    CHECK(told.log == (std::vector<std::string>{"1 one", "1 two", "2 three", "3 four"}));
    CHECK_HAS("one two", built.error);
}

TEST(build, survives_callbacks_that_throw) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.during = [](nvinfer1::ILogger& logger, nvinfer1::IProgressMonitor& monitor) {
        logger.log(Severity::kINFO, "text");
        return twoSteps(logger, monitor);
    };
    Told told;
    told.throws = true;
    CHECK_EQUAL(ENGINE_OK, build(*library, told.options()).status);
    CHECK(!told.log.empty() && !told.progress.empty());
}

TEST(build, tells_the_layers_when_asked) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    // Also of a plan with host code in it.
    for (uint32_t flags : {0, static_cast<int>(ENGINE_BUILD_VERSION_COMPATIBLE)}) {
        options.flags = flags | ENGINE_BUILD_INSPECT;
        Built const built = build(*library, options);
        CHECK_EQUAL(ENGINE_OK, built.status);
        CHECK_EQUAL(R"({"Layers": ["one"]})", bytesOf(built.layers));
    }
    tensorrt().script.broken = {"getEngineInformation"};
    CHECK_EQUAL("{}", bytesOf(build(*library, options).layers));
}

TEST(build, runs_one_at_a_time) {
    Held<engine_library> const library = openLibrary();
    std::mutex mutex;
    std::condition_variable entered;
    int inside = 0;
    // Each waits for the other to be there as well, which must not happen.
    tensorrt().script.during = [&](nvinfer1::ILogger&, nvinfer1::IProgressMonitor&) {
        std::unique_lock<std::mutex> lock(mutex);
        ++inside;
        entered.notify_all();
        entered.wait_for(lock, std::chrono::milliseconds(300), [&] { return inside == 2; });
        --inside;
        return true;
    };
    auto const run = [&] { CHECK_EQUAL(ENGINE_OK, build(*library, buildOptions()).status); };
    std::thread first(run), second(run);
    first.join();
    second.join();
    CHECK_EQUAL(1, tensorrt().record.mostBuilds);
}
