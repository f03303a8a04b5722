// Builds: what they take from the model and the options, how they tell and how they end.
#include "check.h"
#include "engines.h"
#include "onnx_writer.h"

#include <cstddef>
#include <cstring>
#include <set>

using namespace pipeline::tests;

namespace {

struct Told {
    std::vector<std::string> phases;
    int calls = 0, cancelAfter = -1, logs = 0;
    int outerDone = -1, outerSteps = -1;
};

int32_t tell(void* state, char const* phase, char const* parent, int32_t done, int32_t steps) {
    auto& told = *static_cast<Told*>(state);
    if (parent == nullptr) told.outerDone = done, told.outerSteps = steps;
    else if (std::strcmp(parent, "Building engine") == 0 && done == steps) told.phases.push_back(phase);
    return ++told.calls == told.cancelAfter ? 0 : 1;
}

void log(void* state, int32_t, char const* text) {
    static_cast<Told*>(state)->logs += *text != '\0';
}

engine_status buildTelling(Told& told, std::string const& model) {
    Build build;
    build.options.progress = tell;
    build.options.log = log;
    build.options.state = &told;
    return build.run(model);
}

std::string modelWith(std::string const& input, std::string const& output) {
    return OnnxWriter().node("Relu").input("x", 1, {input, 4}).output("y", 1, {output, 2}).bytes();
}

} // namespace

TEST(Build_SameModelAndOptions_GivesTheSameBytes) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    CHECK_EQUAL(plan, planOf(smallModel()));
    Build other;
    other.options.flags = ENGINE_BUILD_NO_TF32;
    CHECK_OK(other.run(smallModel()));
    CHECK(other.plan != plan);
    other = Build();
    other.inputs[0].typical = shapeOf({5, 4});
    CHECK_OK(other.run(smallModel()));
    CHECK(other.plan != plan);
    OnnxWriter tanh;
    tanh.node("Tanh").input("x", 1, {"rows", 4}).input("ids", 7, {"rows"}).output("y", 1, {"rows", 2});
    CHECK(planOf(tanh.bytes()) != plan);
}

TEST(Build_EveryPoolLimit_GivesOtherBytes) {
    Programmed const programmed("");
    std::set<std::string> plans{planOf(smallModel())};
    using Options = engine_build_options;
    for (auto limit : {&Options::workspace_bytes, &Options::tactic_dram_bytes, &Options::tactic_shared_memory_bytes}) {
        Build build;
        build.options.*limit = 1 << 20;
        CHECK_OK(build.run(smallModel()));
        CHECK(plans.insert(build.plan).second);
    }
}

TEST(Build_ModelFromMemory_IsTheOneFromTheFile) {
    Programmed const programmed("");
    Build build;
    CHECK_OK(build.runFromMemory(smallModel()));
    CHECK_EQUAL(build.plan, planOf(smallModel()));
    CHECK_REFUSED(build.runFromMemory("hello"), ENGINE_PARSE_FAILED, "no ONNX model");
    CHECK_REFUSED(build.runFromMemory(""), ENGINE_INVALID_ARGUMENT, "empty");
}

TEST(Build_NoModel_IsRefused) {
    Programmed const programmed("");
    Library const library = openLibrary();
    Build build;
    engine_blob* plan = nullptr;
    CHECK_REFUSED(engine_build(library.get(), &build.options, &plan, nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "No model");
    build.options.model_bytes = 5;
    CHECK_REFUSED(engine_build(library.get(), &build.options, &plan, nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "No model");
    build.options.model = "x";
    build.options.model_bytes = uint64_t{1} << 31;
    CHECK_REFUSED(engine_build(library.get(), &build.options, &plan, nullptr, nullptr), ENGINE_PARSE_FAILED, "2 GiB");
}

TEST(Build_OptionsOfAnOlderCaller_EndWhereItSays) {
    Programmed const programmed("");
    Build build;
    build.options.size = offsetof(engine_build_options, model);
    build.options.model = "what lies behind them";
    build.options.tactic_dram_bytes = build.options.tactic_shared_memory_bytes = ~uint64_t{0};
    CHECK_OK(build.run(smallModel()));
    CHECK_EQUAL(build.plan, planOf(smallModel()));
}

TEST(Build_OtherVersion_GivesOtherBytes) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    Programmed const later("version=11.2.0.1");
    CHECK(planOf(smallModel()) != plan);
}

TEST(Build_Progress_TellsAPhaseForEachOperatorToItsEnd) {
    Programmed const programmed("");
    Told told;
    CHECK_OK(buildTelling(told, smallModel()));
    CHECK_EQUAL(told.outerDone, 2);
    CHECK_EQUAL(told.outerSteps, 2);
    CHECK_EQUAL(told.phases.front(), "Timing Conv");
    CHECK_EQUAL(told.phases.back(), "Timing Relu");
    CHECK(told.logs > 0);
}

TEST(Build_Cancelled_EndsWhereverItIs) {
    Programmed const programmed("");
    Told complete;
    CHECK_OK(buildTelling(complete, smallModel()));
    for (int after = 1; after <= complete.calls; after++) {
        Told told;
        told.cancelAfter = after;
        CHECK_REFUSED(buildTelling(told, smallModel()), ENGINE_CANCELLED, "cancelled");
        CHECK_EQUAL(told.calls, after);
    }
}

TEST(Build_LongStep_CanBeCancelledWithinIt) {
    // Three nodes in an hour: without a look within a step this test would not end.
    Programmed const programmed("build_seconds=3600");
    Told told;
    told.cancelAfter = 4;
    CHECK_REFUSED(buildTelling(told, smallModel()), ENGINE_CANCELLED, "cancelled");
}

TEST(Build_FilesThatAreNoModel_AreRefused) {
    Programmed const programmed("");
    Build build;
    std::string const texts[] = {"", "hello", "\x08\x08", std::string(100, '\xff'), std::string(100, '\0'), "{\"json\": true}"};
    for (std::string const& text : texts) CHECK_REFUSED(build.run(text), ENGINE_PARSE_FAILED, "no ONNX model");
    CHECK_REFUSED(build.run(OnnxWriter().node("Relu").input("x", 1, {1}).bytes()), ENGINE_PARSE_FAILED, "no outputs");
    CHECK_REFUSED(build.run(OnnxWriter().node("Relu").output("y", 8, {1}).bytes()), ENGINE_PARSE_FAILED, "element type 8");
    CHECK_REFUSED(build.run(OnnxWriter().node("").output("y", 1, {1}).bytes()), ENGINE_PARSE_FAILED, "operator");
    CHECK_REFUSED(build.run(OnnxWriter().node("A\nB").output("y", 1, {1}).bytes()), ENGINE_PARSE_FAILED, "operator");
    CHECK_REFUSED(
        build.run(OnnxWriter().node("A").output("y", 1, {1, 1, 1, 1, 1, 1, 1, 1, 1}).bytes()), ENGINE_PARSE_FAILED, "8 dimensions");
    CHECK_REFUSED(
        build.run(OnnxWriter().node("A").output("y", 1, {1}).output("y", 1, {1}).bytes()), ENGINE_PARSE_FAILED, "two tensors");
}

TEST(Build_MissingFile_IsRefused) {
    Library const library = openLibrary();
    Build build;
    build.options.model_path = "no-such-model.onnx";
    engine_blob* plan = nullptr;
    CHECK_REFUSED(engine_build(library.get(), &build.options, &plan, nullptr, nullptr), ENGINE_PARSE_FAILED, "no-such-model.onnx");
}

TEST(Build_UnsupportedOperator_IsNamed) {
    Programmed const programmed("");
    Build build;
    std::string const model = OnnxWriter().node("Relu").node("Warp", "test.unsupported").output("y", 1, {1}).bytes();
    CHECK_REFUSED(build.run(model), ENGINE_UNSUPPORTED_OPERATOR, "Node 1 'node of Warp' (test.unsupported:Warp)");
}

TEST(Build_BadOptions_AreRefused) {
    Programmed const programmed("");
    struct Case {
        void (*change)(Build& build);
        char const* part;
    };
    Case const cases[] = {
        {[](Build& b) { b.options.size = 8; }, "size"},
        {[](Build& b) { b.options.size = ~0U; }, "size"},
        {[](Build& b) { b.options.model = "x"; }, "another one is in memory"},
        {[](Build& b) { b.options.model_bytes = 1; }, "another one is in memory"},
        {[](Build& b) { b.options.tactic_dram_bytes = uint64_t{1} << 60; }, "tactics' memory"},
        {[](Build& b) { b.options.tactic_shared_memory_bytes = uint64_t{1} << 30; }, "tactics' shared memory"},
        {[](Build& b) { b.options.flags = 1u << 30; }, "flag"},
        {[](Build& b) { b.options.optimization_level = 6; }, "optimization level"},
        {[](Build& b) { b.options.hardware_compatibility = 3; }, "hardware compatibility"},
        {[](Build& b) { b.options.profile_count = -1; }, "negative"},
        {[](Build& b) { b.options.profile_count = 100000; }, "1024"},
        {[](Build& b) { b.options.workspace_bytes = uint64_t{1} << 60; }, "workspace"},
        {[](Build& b) { b.options.timing_cache_bytes = 5; }, "timing cache"},
        {[](Build& b) { b.options.flags = ENGINE_BUILD_REPLAY; }, "replay"},
        {[](Build& b) { b.inputs[0].profile = 1; }, "belongs to no shape profile"},
        {[](Build& b) { b.inputs[0].input = nullptr; }, "names no input"},
        {[](Build& b) { b.inputs[0].input = "z"; }, "'z', which is no input"},
        {[](Build& b) { b.inputs[0].input = "y"; }, "'y', which is no input"},
        {[](Build& b) { b.inputs[0].maximum.count = 9; }, "more dimensions"},
        {[](Build& b) { b.inputs[0].maximum.count = 1; }, "another rank"},
        {[](Build& b) { b.inputs[0].maximum.values[0] = 3; }, "minimum <= typical <= maximum"},
        {[](Build& b) { b.inputs[0].maximum.values[1] = 5; }, "fixed"},
        {[](Build& b) { b.inputs.pop_back(); }, "does not name input 'ids'"},
        {[](Build& b) { b.options.profile_count = 2; }, "profile 1 does not name input 'x'"},
    };
    for (Case const& one : cases) {
        Build build;
        one.change(build);
        CHECK_REFUSED(build.run(smallModel()), ENGINE_INVALID_ARGUMENT, one.part);
    }
}

TEST(Build_FreeInputWithoutProfiles_Fails) {
    Programmed const programmed("");
    Build build;
    build.inputs.clear();
    build.options.profile_count = 0;
    CHECK_REFUSED(build.run(smallModel()), ENGINE_BUILD_FAILED, "no shape profile");
}

TEST(Build_Layers_OnlyWhenAskedFor) {
    Programmed const programmed("");
    Build build;
    CHECK_OK(build.run(smallModel()));
    CHECK_EQUAL(build.layers, "");
    build.options.flags = ENGINE_BUILD_INSPECT;
    CHECK_OK(build.run(smallModel()));
    CHECK_EQUAL(build.layers, "{\"Layers\":[{\"LayerType\":\"Conv\",\"Count\":1},{\"LayerType\":\"Relu\",\"Count\":2}]}");
}

TEST(Build_Names_MayNotEndEarly) {
    Programmed const programmed("");
    Build build;
    std::string const model = modelWith(std::string("a\0b", 3), "rows");
    CHECK_REFUSED(build.run(model), ENGINE_PARSE_FAILED, "name");
}
