// Timing caches: what a build leaves behind, starts from, and insists on.
#include "check.h"
#include "engines.h"
#include "onnx_writer.h"

using namespace pipeline::tests;

namespace {

void give(Build& build, std::string const& timings) {
    build.options.timing_cache = timings.data();
    build.options.timing_cache_bytes = timings.size();
}

std::string modelOf(std::string const& type) {
    return OnnxWriter().node(type).input("x", 1, {"rows", 4}).input("ids", 7, {"rows"}).output("y", 1, {"rows", 2}).bytes();
}

} // namespace

TEST(TimingCache_HoldsALineForEachOperator) {
    Programmed const programmed("");
    Build build;
    CHECK_OK(build.run(smallModel()));
    CHECK_CONTAINS(build.timings, "PIPELINE-DOUBLE-TIMINGS\nConv 0");
    CHECK_CONTAINS(build.timings, "\nRelu 0");
}

TEST(TimingCache_Given_IsMerged) {
    Programmed const programmed("");
    Build first, second;
    CHECK_OK(first.run(modelOf("Tanh")));
    give(second, first.timings);
    CHECK_OK(second.run(smallModel()));
    CHECK_CONTAINS(second.timings, "Conv 0");
    CHECK_CONTAINS(second.timings, first.timings.substr(first.timings.find("Tanh")));
}

TEST(TimingCache_Replay_GivesThePlanOfItsRecording) {
    Programmed const programmed("");
    Build recorded, replayed;
    recorded.options.flags = ENGINE_BUILD_RECORD;
    CHECK_OK(recorded.run(smallModel()));
    replayed.options.flags = ENGINE_BUILD_REPLAY;
    give(replayed, recorded.timings);
    CHECK_OK(replayed.run(smallModel()));
    CHECK_EQUAL(replayed.plan, recorded.plan);
    CHECK_EQUAL(replayed.timings, recorded.timings);
}

TEST(TimingCache_ReplayOfAnotherOperator_IsAMiss) {
    Programmed const programmed("");
    Build recorded, replayed;
    CHECK_OK(recorded.run(smallModel()));
    replayed.options.flags = ENGINE_BUILD_REPLAY;
    give(replayed, recorded.timings);
    CHECK_REFUSED(replayed.run(modelOf("Tanh")), ENGINE_TIMING_CACHE_MISS, "'Tanh'");
}

TEST(TimingCache_BytesThatAreNone_AreRefused) {
    Programmed const programmed("");
    std::string const magic = "PIPELINE-DOUBLE-TIMINGS\n";
    std::string const bad[] = {"x", magic.substr(0, 5), magic + "Conv", magic + "Conv\n", magic + "Conv 1\n", magic + " 000001\n",
                               magic + "Conv 000001", magic + "\n", magic + "Conv 00000x\n", std::string(9, '\0')};
    for (std::string const& timings : bad) {
        Build build;
        give(build, timings);
        CHECK_REFUSED(build.run(smallModel()), ENGINE_INVALID_ARGUMENT, "timing cache");
    }
}
