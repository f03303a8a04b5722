#include "check.h"
#include "shim.h"

using namespace test;
using nvinfer1::BuilderFlag;
using nvinfer1::MemoryPoolType;

namespace {

[[maybe_unused]] bool has(BuilderFlag flag) {
    return (tensorrt().record.flags & (1U << static_cast<uint32_t>(flag))) != 0;
}

// What a version that lacks it answers: refused, and nothing is built.
[[maybe_unused]] void checkRefused(Built const& built, char const* since) {
    CHECK_EQUAL(ENGINE_NOT_SUPPORTED, built.status);
    CHECK_HAS(std::string("TensorRT ") + since, built.error);
    CHECK_EQUAL(0, tensorrt().record.mostBuilds);
}

engine_profile_input input(int32_t profile, char const* name, int64_t least, int64_t most) {
    return {profile, 0, name, shape({least, 3}), shape({least + 1, 3}), shape({most, 3})};
}

} // namespace

TEST(options, leave_the_library_s_own_where_nothing_is_asked) {
    Held<engine_library> const library = openLibrary();
    CHECK_EQUAL(ENGINE_OK, build(*library, buildOptions()).status);
    fake::Record const& record = tensorrt().record;
    CHECK_EQUAL(1U << static_cast<uint32_t>(BuilderFlag::kTF32), record.flags);
    CHECK_EQUAL(-1, record.level);
    CHECK_EQUAL(8, record.iterations);
    CHECK(record.pools.empty());
    CHECK(record.verbosity == nvinfer1::ProfilingVerbosity::kLAYER_NAMES_ONLY);
    CHECK(record.hardware == nvinfer1::HardwareCompatibilityLevel::kNONE);
    CHECK(record.profiles.empty());
    CHECK(!record.ignoresMismatch);
}

TEST(options, arrive_by_name) {
    Held<engine_library> const library = openLibrary();
    struct {
        uint32_t flag;
        std::vector<BuilderFlag> expected;
    } const cases[] = {
        {ENGINE_BUILD_VERSION_COMPATIBLE, {BuilderFlag::kTF32, BuilderFlag::kVERSION_COMPATIBLE}},
        {ENGINE_BUILD_STRIP_WEIGHTS, {BuilderFlag::kTF32, BuilderFlag::kREFIT_IDENTICAL, BuilderFlag::kSTRIP_PLAN}},
#if NV_TENSORRT_MAJOR > 10 || NV_TENSORRT_MINOR > 0
        {ENGINE_BUILD_WEIGHT_STREAMING, {BuilderFlag::kTF32, BuilderFlag::kWEIGHT_STREAMING}},
#endif
        {ENGINE_BUILD_NO_TF32, {}},
        {ENGINE_BUILD_INSPECT, {BuilderFlag::kTF32}}};
    for (auto const& one : cases) {
        engine_build_options options = buildOptions();
        options.flags = one.flag;
        CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
        uint32_t expected = 0;
        for (BuilderFlag flag : one.expected) expected |= 1U << static_cast<uint32_t>(flag);
        CHECK_EQUAL(expected, tensorrt().record.flags);
        bool const isDetailed = tensorrt().record.verbosity == nvinfer1::ProfilingVerbosity::kDETAILED;
        CHECK_EQUAL(one.flag == ENGINE_BUILD_INSPECT, isDetailed);
    }
}

#if NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR == 0
TEST(options, streaming_weights_needs_10_1) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.flags = ENGINE_BUILD_WEIGHT_STREAMING;
    checkRefused(build(*library, options), "10.1");
}
#endif

TEST(options, level_and_workspace_arrive) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    for (int32_t level = 0; level <= 5; level++) {
        options.optimization_level = level;
        options.workspace_bytes = 5'000'000'000U + static_cast<uint64_t>(level);
        CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
        CHECK_EQUAL(level, tensorrt().record.level);
        CHECK_EQUAL(options.workspace_bytes, tensorrt().record.pools[MemoryPoolType::kWORKSPACE]);
    }
    tensorrt().script.broken = {"setMemoryPoolLimit"};
    options.workspace_bytes = 1U << 30U;
    Built const built = build(*library, options);
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, built.status);
    CHECK_HAS("workspace", built.error);
}

TEST(options, each_pool_s_limit_arrives_or_is_refused) {
    Held<engine_library> const library = openLibrary();
    struct {
        uint64_t engine_build_options::*limit;
        MemoryPoolType pool;
        char const* refusal;
    } const cases[] = {
        {&engine_build_options::workspace_bytes, MemoryPoolType::kWORKSPACE, "workspace"},
        {&engine_build_options::tactic_dram_bytes, MemoryPoolType::kTACTIC_DRAM, "tactics' memory"},
        {&engine_build_options::tactic_shared_memory_bytes, MemoryPoolType::kTACTIC_SHARED_MEMORY, "tactics' shared memory"}};
    for (auto const& one : cases) {
        engine_build_options options = buildOptions();
        options.*one.limit = 5'000'000'000U;
        tensorrt().record.pools.clear();
        CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
        CHECK_EQUAL(1U, tensorrt().record.pools.size());
        CHECK_EQUAL(options.*one.limit, tensorrt().record.pools[one.pool]);
        // A size that it does not take changes nothing there.
        options.*one.limit = 7;
        tensorrt().script.broken = {"setMemoryPoolLimit"};
        Built const built = build(*library, options);
        tensorrt().script.broken.clear();
        CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, built.status);
        CHECK_HAS(one.refusal, built.error);
    }
}

TEST(options, a_limit_of_shared_memory_is_set_after_the_compatibility_that_has_one_too) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.hardware_compatibility = ENGINE_COMPATIBLE_AMPERE_PLUS;
    options.tactic_shared_memory_bytes = 32U << 10U;
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK_EQUAL(options.tactic_shared_memory_bytes, tensorrt().record.pools[MemoryPoolType::kTACTIC_SHARED_MEMORY]);
}

TEST(options, of_an_older_caller_end_where_it_says) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.size = offsetof(engine_build_options, model);
    options.model = "what lies behind them";
    options.model_bytes = options.tactic_dram_bytes = options.tactic_shared_memory_bytes = ~uint64_t{0};
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK(tensorrt().record.pools.empty());
    CHECK_EQUAL("model.onnx", tensorrt().record.modelPath);
    CHECK_EQUAL("", tensorrt().record.model);
}

TEST(options, of_a_newer_caller_are_taken_where_it_sets_nothing_new) {
    Held<engine_library> const library = openLibrary();
    struct {
        engine_build_options known;
        uint64_t later;
    } newer{buildOptions(), 0};
    newer.known.size = sizeof newer;
    CHECK_EQUAL(ENGINE_OK, build(*library, newer.known).status);
    newer.later = uint64_t{1} << 63U;
    CHECK_EQUAL(ENGINE_NOT_SUPPORTED, build(*library, newer.known).status);
}

TEST(options, compatibility_arrives_or_is_refused) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.hardware_compatibility = ENGINE_COMPATIBLE_SAME_CAPABILITY;
#if NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR < 9
    checkRefused(build(*library, options), "10.9");
#else
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK(tensorrt().record.hardware == nvinfer1::HardwareCompatibilityLevel::kSAME_COMPUTE_CAPABILITY);
#endif
    options.hardware_compatibility = ENGINE_COMPATIBLE_AMPERE_PLUS;
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK(tensorrt().record.hardware == nvinfer1::HardwareCompatibilityLevel::kAMPERE_PLUS);
    options.hardware_compatibility = 3;
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, build(*library, options).status);
}

TEST(options, recording_and_replaying_arrive_or_are_refused) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.flags = ENGINE_BUILD_RECORD;
#if NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR < 8
    checkRefused(build(*library, options), "10.8");
#else
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK(has(BuilderFlag::kEDITABLE_TIMING_CACHE) && has(BuilderFlag::kDISABLE_COMPILATION_CACHE));
    CHECK(!has(BuilderFlag::kERROR_ON_TIMING_CACHE_MISS));
    options.flags = ENGINE_BUILD_REPLAY;
    options.timing_cache = "timings";
    options.timing_cache_bytes = 7;
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    CHECK(has(BuilderFlag::kEDITABLE_TIMING_CACHE) && has(BuilderFlag::kDISABLE_COMPILATION_CACHE));
    CHECK(has(BuilderFlag::kERROR_ON_TIMING_CACHE_MISS));
#endif
}

#if NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR >= 9
// The headers know more than the library: its tables have no such methods, its enums no such numbers.
TEST(options, of_the_headers_are_refused_on_an_older_library) {
    tensorrt().script.minor = 5;
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.flags = ENGINE_BUILD_RECORD;
    checkRefused(build(*library, options), "10.8");
    options.flags = 0;
    options.hardware_compatibility = ENGINE_COMPATIBLE_SAME_CAPABILITY;
    checkRefused(build(*library, options), "10.9");
}
#endif

TEST(options, profiles_arrive_in_their_order) {
    Held<engine_library> const library = openLibrary();
    engine_profile_input const inputs[] = {input(1, "b", 5, 9), input(0, "a", 1, 4), input(0, "b", 2, 8), input(1, "a", 3, 6)};
    engine_build_options options = buildOptions();
    options.inputs = inputs;
    options.input_count = 4;
    options.profile_count = 2;
    CHECK_EQUAL(ENGINE_OK, build(*library, options).status);
    auto& profiles = tensorrt().record.profiles;
    CHECK_EQUAL(2U, profiles.size());
    CHECK_EQUAL(6U, profiles[0].size());
    CHECK_EQUAL("1x3", text(profiles[0]["a minimum"]));
    CHECK_EQUAL("2x3", text(profiles[0]["a typical"]));
    CHECK_EQUAL("4x3", text(profiles[0]["a maximum"]));
    CHECK_EQUAL("8x3", text(profiles[0]["b maximum"]));
    CHECK_EQUAL("3x3", text(profiles[1]["a minimum"]));
    CHECK_EQUAL("9x3", text(profiles[1]["b maximum"]));
    for (char const* method : {"setDimensions", "addOptimizationProfile"}) {
        tensorrt().script.broken = {method};
        Built const built = build(*library, options);
        CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, built.status);
        CHECK_HAS("Shape profile 0", built.error);
    }
}

TEST(options, that_are_none_are_refused_before_anything_is_built) {
    Held<engine_library> const library = openLibrary();
    auto const check = [&](auto change) {
        engine_build_options options = buildOptions();
        engine_profile_input profile = input(0, "a", 1, 4);
        options.inputs = &profile;
        options.input_count = 1;
        options.profile_count = 1;
        change(options, profile);
        Built const built = build(*library, options);
        CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, built.status);
        CHECK(!built.error.empty());
    };
    using Options = engine_build_options;
    using Profile = engine_profile_input;
    check([](Options& options, Profile&) { options.size = offsetof(Options, model) - 1; });
    check([](Options& options, Profile&) { options.size = ~0U; });
    check([](Options& options, Profile&) { options.model_path = nullptr; });
    check([](Options& options, Profile&) { options.model_path = ""; });
    check([](Options& options, Profile&) { options.model = "bytes"; });
    check([](Options& options, Profile&) { options.model_bytes = 5; });
    check([](Options& options, Profile&) { options.model_path = nullptr, options.model = "bytes"; });
    check([](Options& options, Profile&) { options.model_path = nullptr, options.model_bytes = 5; });
    check([](Options& options, Profile&) { options.flags = 1U << 7U; });
    check([](Options& options, Profile&) { options.flags = ENGINE_BUILD_REPLAY; });
    check([](Options& options, Profile&) { options.optimization_level = 6; });
    check([](Options& options, Profile&) { options.optimization_level = -2; });
    check([](Options& options, Profile&) { options.input_count = -1; });
    check([](Options& options, Profile&) { options.profile_count = -1; });
    check([](Options& options, Profile&) { options.inputs = nullptr; });
    check([](Options& options, Profile&) { options.timing_cache_bytes = 1; });
    check([](Options&, Profile& profile) { profile.input = nullptr; });
    check([](Options&, Profile& profile) { profile.profile = 1; });
    check([](Options&, Profile& profile) { profile.profile = -1; });
    check([](Options&, Profile& profile) { profile.maximum.count = ENGINE_DIMENSIONS_MAXIMUM + 1; });
    check([](Options&, Profile& profile) { profile.minimum.count = -1; });
    CHECK_EQUAL(0, tensorrt().record.mostBuilds);
}
