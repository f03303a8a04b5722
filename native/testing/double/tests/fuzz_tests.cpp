// Bytes that somebody changed: never a crash, and for plans never a load. The sanitizers watch.
#include "check.h"
#include "engines.h"
#include "onnx/model.h"
#include "onnx_writer.h"
#include "plan/digest.h"
#include "plan/plan_file.h"

#include <random>

using namespace pipeline::tests;

namespace {

constexpr int kRounds = 4000;

// The standard says what mt19937 gives, but not what its distributions do.
std::string changed(std::string bytes, std::mt19937& random) {
    switch (random() % 5) {
    case 0: bytes.resize(random() % (bytes.size() + 1)); break;
    case 1: bytes.insert(random() % (bytes.size() + 1), 1, static_cast<char>(random())); break;
    case 2: bytes.erase(random() % bytes.size(), random() % 8 + 1); break;
    default:
        for (uint32_t i = random() % 4 + 1; i > 0; i--) bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    return bytes;
}

void useWhole(std::string const& bytes) {
    Plan const plan = load(bytes);
    engine_tensor tensor{};
    engine_profile_input range{};
    uint64_t device = 0, weights = 0;
    for (int32_t i = 0; i < engine_plan_tensors(plan.get()); i++) {
        engine_plan_tensor(plan.get(), i, &tensor);
        engine_plan_profile(plan.get(), 0, i, &range);
    }
    engine_plan_memory(plan.get(), 0, &device, &weights);
    engine_context* context = nullptr;
    engine_context_create(plan.get(), 0, nullptr, nullptr, &context);
    engine_context_release(context);
}

} // namespace

TEST(Fuzz_ChangedPlans_DoNotLoad) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    std::mt19937 random(1);
    for (int i = 0; i < kRounds; i++) {
        std::string const bytes = changed(plan, random);
        engine_status const status = loadStatus(bytes);
        CHECK(status == ENGINE_PLAN_CORRUPT || (status == ENGINE_OK && bytes == plan));
    }
}

TEST(Fuzz_TruncatedPlans_DoNotLoad) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    for (std::size_t size = 0; size < plan.size(); size++)
        CHECK_EQUAL(int(loadStatus(plan.substr(0, size))), int(ENGINE_PLAN_CORRUPT));
}

// Whoever knows the format can make the checksum right.
TEST(Fuzz_ChangedPlansWithTheirChecksum_NeverCrash) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    std::string const content = plan.substr(0, plan.size() - 32);
    std::mt19937 random(2);
    int loaded = 0;
    for (int i = 0; i < kRounds; i++) {
        std::string bytes = changed(content, random);
        auto const digest = pipeline::simulation::digestOf(bytes);
        bytes.append(reinterpret_cast<char const*>(digest.data()), digest.size());
        engine_status const status = loadStatus(bytes);
        bool const isReason = status == ENGINE_PLAN_CORRUPT || status == ENGINE_PLAN_OTHER_VERSION || status == ENGINE_PLAN_OTHER_DEVICE;
        CHECK(status == ENGINE_OK || isReason);
        if (status != ENGINE_OK) continue;
        useWhole(bytes);
        loaded++;
    }
    CHECK(loaded > 0 && loaded < kRounds);
}

TEST(Plan_RangesThatDoNotFitTheirTensor_DoNotLoad) {
    using namespace pipeline::simulation;
    Programmed const programmed("");
    PlanFile plan = PlanFile::read(planOf(smallModel()), *currentProgram());
    CHECK_OK(loadStatus(plan.write()));
    ShapeRange const good = plan.profiles[0][0];
    ShapeRange bad[] = {good, good, good};
    bad[0].minimum.values[0] = 9;
    bad[1].maximum.count = 1;
    bad[2].maximum.values[1] = 5;
    for (ShapeRange const& range : bad) {
        plan.profiles[0][0] = range;
        CHECK_REFUSED(loadStatus(plan.write()), ENGINE_PLAN_CORRUPT, "hold together");
    }
    plan.profiles.clear();
    CHECK_REFUSED(loadStatus(plan.write()), ENGINE_PLAN_CORRUPT, "hold together");
}

TEST(Fuzz_ChangedModels_NeverCrash) {
    Programmed const programmed("");
    std::string const model = smallModel();
    std::mt19937 random(3);
    int built = 0;
    for (int i = 0; i < kRounds / 8; i++) {
        Build build;
        engine_status const status = build.run(changed(model, random));
        CHECK(status != ENGINE_INTERNAL && status != ENGINE_OUT_OF_MEMORY);
        if (status == ENGINE_OK) built++;
        else CHECK(engine_last_error()[0] != '\0');
    }
    CHECK(built > 0 && built < kRounds / 8);
}

// Without files, and with changes upon changes.
TEST(Fuzz_ChangedModels_AreReadOrRefused) {
    std::string const model = smallModel();
    std::mt19937 random(5);
    int read = 0;
    for (int i = 0; i < 5 * kRounds; i++) {
        std::string bytes = model;
        for (uint32_t times = random() % 4; times > 0 && !bytes.empty(); times--) bytes = changed(bytes, random);
        try {
            pipeline::simulation::parseModel(bytes);
            read++;
        } catch (pipeline::Failure const& failure) {
            CHECK(failure.status() == ENGINE_PARSE_FAILED || failure.status() == ENGINE_UNSUPPORTED_OPERATOR);
        }
    }
    CHECK(read > 0 && read < 5 * kRounds);
}

TEST(Fuzz_TruncatedModels_NeverCrash) {
    Programmed const programmed("");
    std::string const model = smallModel();
    for (std::size_t size = 0; size < model.size(); size++) {
        engine_status const status = Build().run(model.substr(0, size));
        // What ends with the graph is a model: nothing is read of what follows.
        CHECK(status == ENGINE_PARSE_FAILED || status == ENGINE_OK);
    }
}

TEST(Fuzz_ChangedTimingCaches_NeverCrash) {
    Programmed const programmed("");
    Build recorded;
    CHECK_OK(recorded.run(smallModel()));
    std::mt19937 random(4);
    for (int i = 0; i < kRounds / 4; i++) {
        Build build;
        std::string const timings = changed(recorded.timings, random);
        build.options.timing_cache = timings.data();
        build.options.timing_cache_bytes = timings.size();
        engine_status const status = build.run(smallModel());
        CHECK(status == ENGINE_OK || status == ENGINE_INVALID_ARGUMENT);
    }
}

TEST(Digest_IsSha256) {
    auto const hex = [](std::string const& text) {
        std::string digits;
        for (unsigned char const byte : pipeline::simulation::digestOf(text)) {
            digits += "0123456789abcdef"[byte >> 4];
            digits += "0123456789abcdef"[byte & 15];
        }
        return digits;
    };
    CHECK_EQUAL(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_EQUAL(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_EQUAL(hex(std::string(1000, 'a')), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}
