#include "check.h"
#include "shim.h"

#include <new>
#include <stdexcept>
#include <thread>

using namespace test;

namespace {

std::string installation(char const* name) {
    return std::string(INSTALLATIONS) + "/" + name;
}

} // namespace

TEST(library, says_the_version_of_its_interface) {
    CHECK_EQUAL(ENGINE_ABI_VERSION, shim().engine_abi_version());
}

TEST(library, says_the_version_of_tensorrt) {
    tensorrt().script.patch = 7;
    tensorrt().script.build = 42;
    Held<engine_library> const library = openLibrary();
    engine_version version{};
    CHECK_EQUAL(ENGINE_OK, shim().engine_library_version(library.get(), &version));
    CHECK_EQUAL(NV_TENSORRT_MAJOR, version.major);
    CHECK_EQUAL(NV_TENSORRT_MINOR, version.minor);
    CHECK_EQUAL(7, version.patch);
    CHECK_EQUAL(42, version.build);
    CHECK_EQUAL(0, version.is_simulated);
    CHECK_EQUAL("", lastError());
    CHECK(wasCalled("initLibNvInferPlugins"));
}

TEST(library, says_what_is_missing) {
    Held<engine_library> library;
    CHECK_EQUAL(ENGINE_LIBRARY_MISSING, open(installation("none"), library));
    CHECK_HAS(installation("none") + "/libnvinfer.so." + std::to_string(NV_TENSORRT_MAJOR), lastError());
    CHECK_EQUAL(ENGINE_LIBRARY_INCOMPATIBLE, open(installation("other"), library));
    CHECK_HAS("getInferLibMajorVersion", lastError());
}

TEST(library, without_a_folder_is_found_by_the_loader) {
    engine_library* library = nullptr;
    CHECK_EQUAL(ENGINE_OK, shim().engine_library_open(nullptr, &library));
    CHECK_EQUAL(ENGINE_OK, build(*library, buildOptions()).status);
    shim().engine_library_release(library);
}

TEST(library, refuses_another_major) {
    tensorrt().script.major = NV_TENSORRT_MAJOR + 1;
    Held<engine_library> library;
    CHECK_EQUAL(ENGINE_LIBRARY_INCOMPATIBLE, open(LIBRARIES, library));
    CHECK_HAS("not " + std::to_string(NV_TENSORRT_MAJOR), lastError());
}

TEST(library, refuses_10_0_where_10_1_is_needed) {
    tensorrt().script.minor = 0;
    Held<engine_library> library;
    bool const isNeeded = NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR >= 1;
    CHECK_EQUAL(isNeeded ? ENGINE_LIBRARY_INCOMPATIBLE : ENGINE_OK, open(LIBRARIES, library));
}

TEST(library, without_a_parser_runs_plans_and_says_why_it_builds_none) {
    for (char const* name : {"runtime-only", "broken-parser"}) {
        Held<engine_library> library;
        CHECK_EQUAL(ENGINE_OK, open(installation(name), library));
        Held<engine_plan> plan;
        CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
        Built const built = build(*library, buildOptions());
        CHECK_EQUAL(ENGINE_LIBRARY_MISSING, built.status);
        CHECK_HAS("libnvonnxparser", built.error);
        if (std::string(name) == "broken-parser") CHECK_HAS("too short", built.error);
    }
}

TEST(library, refuses_what_is_not_there) {
    Held<engine_library> const library = openLibrary();
    engine_version version{};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_library_open(LIBRARIES, nullptr));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_library_version(nullptr, &version));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_library_version(library.get(), nullptr));
    CHECK(!lastError().empty());
    shim().engine_library_release(nullptr);
    shim().engine_blob_release(nullptr);
    shim().engine_plan_release(nullptr);
    shim().engine_context_release(nullptr);
}

TEST(library, lets_no_exception_out) {
    Held<engine_library> library;
    tensorrt().script.plugins = [] { throw std::runtime_error("A plugin has failed."); };
    CHECK_EQUAL(ENGINE_INTERNAL, open(LIBRARIES, library));
    CHECK_EQUAL("A plugin has failed.", lastError());
    tensorrt().script.plugins = [] { throw std::bad_alloc(); };
    CHECK_EQUAL(ENGINE_OUT_OF_MEMORY, open(LIBRARIES, library));
    tensorrt().script.plugins = [] { throw 1; };
    CHECK_EQUAL(ENGINE_INTERNAL, open(LIBRARIES, library));
    CHECK(!lastError().empty());
}

TEST(library, keeps_the_last_error_of_each_thread) {
    Held<engine_library> library;
    open(installation("none"), library);
    std::string other = "unset", otherAfter;
    std::thread([&] {
        other = lastError();
        shim().engine_library_open(LIBRARIES, nullptr);
        otherAfter = lastError();
    }).join();
    CHECK_EQUAL("", other);
    CHECK_HAS("no place", otherAfter);
    CHECK_HAS("libnvinfer", lastError());
    CHECK_EQUAL(ENGINE_OK, open(LIBRARIES, library));
    CHECK_EQUAL("", lastError());
}

TEST(library, cuts_no_character_of_a_long_error) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.broken = {"buildSerializedNetwork"};
    for (int shift = 0; shift < 3; shift++) {
        tensorrt().script.error = std::string(static_cast<std::size_t>(shift), '-');
        for (int i = 0; i < 2000; i++) tensorrt().script.error += "\u20ac"; // three bytes
        std::string const error = build(*library, buildOptions()).error;
        CHECK(error.size() > 1000 && error.size() < 2048);
        CHECK_EQUAL("\u20ac", error.substr(error.size() - 3));
    }
}

TEST(library, stays_loaded_as_long_as_anything_of_it_is_held) {
    for (char const* last : {"a context", "a plan", "the bytes of a plan", "a timing cache"}) {
        std::string const kept = last;
        Held<engine_library> library = openLibrary();
        Built built = build(*library, buildOptions());
        Held<engine_plan> plan;
        CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
        engine_context* created = nullptr;
        CHECK_EQUAL(ENGINE_OK, shim().engine_context_create(plan.get(), 0, nullptr, nullptr, &created));
        Held<engine_context> context(created);
        library.reset();
        if (kept != "a context") context.reset();
        if (kept != "a plan") plan.reset();
        if (kept != "the bytes of a plan") built.plan.reset();
        if (kept != "a timing cache") built.timingCache.reset();
        closeTensorRt();
        CHECK(isTensorRtLoaded());
        context.reset();
        plan.reset();
        built = {};
        CHECK(!isTensorRtLoaded());
        openTensorRt();
    }
}
