// Every fault that the double can be told to have. Those that end the process are tried in a child.
#include "check.h"
#include "engines.h"
#include "onnx_writer.h"

#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace pipeline::tests;

namespace {

void checkBuild(char const* fault, engine_status status, char const* part) {
    Programmed const programmed(std::string("fault=") + fault);
    Build build;
    CHECK_REFUSED(build.run(smallModel()), status, part);
}

// The signal that ended the child, or 0. A child that has not ended after the seconds is ended by SIGALRM.
template <typename Body>
int signalOf(unsigned seconds, Body body) {
    pid_t const child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        alarm(seconds);
        body();
        _exit(0);
    }
    int status = 0;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int32_t cancel(void*, char const*, char const*, int32_t, int32_t) {
    return 0;
}

} // namespace

TEST(Fault_ParseError_RefusesTheModel) {
    checkBuild("parse-error", ENGINE_PARSE_FAILED, "parsing");
}

TEST(Fault_UnsupportedOperator_RefusesTheModel) {
    checkBuild("unsupported-operator", ENGINE_UNSUPPORTED_OPERATOR, "operator");
}

TEST(Fault_BuildFailed_FailsTheBuild) {
    checkBuild("build-failed", ENGINE_BUILD_FAILED, "did not build");
}

TEST(Fault_OutOfMemory_FailsTheBuild) {
    checkBuild("out-of-memory", ENGINE_OUT_OF_MEMORY, "out of memory");
}

TEST(Fault_TimingCacheMiss_FailsTheBuild) {
    checkBuild("timing-cache-miss", ENGINE_TIMING_CACHE_MISS, "timing cache");
}

TEST(Fault_Crash_EndsTheProcessInABuild) {
    Programmed const programmed("fault=crash");
    CHECK_EQUAL(signalOf(10, [] { Build().run(smallModel()); }), SIGABRT);
}

TEST(Fault_Hang_NeverEndsABuild) {
    Programmed const programmed("fault=hang");
    CHECK_EQUAL(signalOf(1, [] { Build().run(smallModel()); }), SIGALRM);
}

TEST(Fault_Hang_HeedsNoCancellationInTheMiddle) {
    Programmed const programmed("fault=hang");
    // Before its middle a build can still be cancelled, so this one never asks before it: the first word of the second operator.
    static int calls = 0;
    CHECK_EQUAL(
        signalOf(1, [] {
            Build build;
            build.options.progress = [](void*, char const* phase, char const* parent, int32_t done, int32_t steps) {
                return std::strcmp(phase, "Timing Relu") == 0 && ++calls > 1 ? cancel(nullptr, phase, parent, done, steps) : 1;
            };
            build.run(smallModel());
        }),
        SIGALRM);
}

TEST(Fault_CorruptPlan_BuildsOneThatDoesNotLoad) {
    std::string plan;
    {
        Programmed const programmed("fault=corrupt-plan");
        plan = planOf(smallModel());
    }
    CHECK_REFUSED(loadStatus(plan), ENGINE_PLAN_CORRUPT, "checksum");
}

TEST(Fault_LoadCrash_EndsTheProcessInALoad) {
    Programmed const programmed("fault=load-crash");
    std::string const plan = planOf(smallModel());
    CHECK_EQUAL(signalOf(10, [&] { loadStatus(plan); }), SIGABRT);
}

TEST(Fault_OtherVersion_RefusesTheLoad) {
    Programmed const programmed("fault=other-version");
    CHECK_REFUSED(loadStatus(planOf(smallModel())), ENGINE_PLAN_OTHER_VERSION, "built by TensorRT");
}

TEST(Fault_OtherDevice_RefusesTheLoad) {
    Programmed const programmed("fault=other-device");
    CHECK_REFUSED(loadStatus(planOf(smallModel())), ENGINE_PLAN_OTHER_DEVICE, "built for sm_90");
}

TEST(Fault_RunFailed_FailsTheRun) {
    Programmed const programmed("fault=run-failed");
    SmallRun run(planOf(smallModel()));
    CHECK_REFUSED(engine_context_enqueue(run.context.get(), run.stream.get()), ENGINE_RUN_FAILED, "did not run");
}

TEST(Fault_ContextMemory_FailsTheContext) {
    Programmed const programmed("fault=context-memory");
    Plan const plan = load(planOf(smallModel()));
    engine_context* context = nullptr;
    CHECK_REFUSED(engine_context_create(plan.get(), 0, nullptr, nullptr, &context), ENGINE_OUT_OF_MEMORY, "No context");
    CHECK(context == nullptr);
}
