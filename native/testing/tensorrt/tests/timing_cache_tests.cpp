#include "check.h"
#include "shim.h"

#include "timing_cache.h"

using namespace test;

namespace {

std::string cacheOf(std::map<uint64_t, uint64_t> const& tactics) {
    return fake::TimingCache::bytesOf(tactics);
}

Built buildWith(engine_library& library, uint32_t flags, std::string const& cache) {
    engine_build_options options = buildOptions();
    options.flags = flags;
    options.timing_cache = cache.data();
    options.timing_cache_bytes = cache.size();
    return build(library, options);
}

} // namespace

TEST(timing_cache, is_read_and_given_back_with_what_was_added) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.tactics = {{1, 11}, {2, 22}};
    Built const built = buildWith(*library, 0, cacheOf({{1, 10}, {3, 33}}));
    CHECK_EQUAL(ENGINE_OK, built.status);
    CHECK_EQUAL(cacheOf({{1, 10}, {2, 22}, {3, 33}}), bytesOf(built.timingCache));
    CHECK(!tensorrt().record.ignoresMismatch);
}

TEST(timing_cache, of_another_kind_or_device_is_refused) {
    Held<engine_library> const library = openLibrary();
    Built const built = buildWith(*library, 0, "nothing of it");
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, built.status);
    CHECK_HAS("timing cache", built.error);
    tensorrt().script.broken = {"setTimingCache"};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, buildWith(*library, 0, cacheOf({})).status);
}

#if NV_TENSORRT_MAJOR > 10 || NV_TENSORRT_MINOR >= 8
TEST(timing_cache, replays_what_it_recorded) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.tactics = {{1, 11}, {2, 22}};
    std::string const recorded = bytesOf(buildWith(*library, ENGINE_BUILD_RECORD, "").timingCache);
    CHECK_EQUAL(cacheOf({{1, 11}, {2, 22}}), recorded);
    tensorrt().script.tactics = {{1, 110}, {2, 220}}; // what this device would choose today
    Built const replayed = buildWith(*library, ENGINE_BUILD_REPLAY, recorded);
    CHECK_EQUAL(ENGINE_OK, replayed.status);
    CHECK_EQUAL(recorded, bytesOf(replayed.timingCache));
    CHECK(tensorrt().record.ignoresMismatch);
    CHECK(wasCalled("ITimingCache::update 1") && wasCalled("ITimingCache::update 2"));
}

TEST(timing_cache, miss_fails_a_replay) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.tactics = {{1, 11}, {2, 22}};
    Built const built = buildWith(*library, ENGINE_BUILD_REPLAY, cacheOf({{1, 11}}));
    CHECK_EQUAL(ENGINE_TIMING_CACHE_MISS, built.status);
    CHECK(built.plan == nullptr);
}

TEST(timing_cache, that_was_not_heeded_fails_a_replay) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.tactics = {{1, 110}};
    tensorrt().script.heedsCache = false;
    Built const built = buildWith(*library, ENGINE_BUILD_REPLAY, cacheOf({{1, 11}}));
    CHECK_EQUAL(ENGINE_TIMING_CACHE_MISS, built.status);
    CHECK(built.plan == nullptr);
}
#endif
