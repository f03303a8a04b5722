// The layout that readers in other languages have written down. A change here breaks every program that was not rebuilt.
#include "check.h"
#include "layout.h"

#include "engine_double.h"

static_assert(sizeof(void*) == 8, "64-bit machines only");
static_assert(sizeof(engine_shape) == 72 && offsetof(engine_shape, values) == 8);
static_assert(sizeof(engine_profile_input) == 232 && offsetof(engine_profile_input, input) == 8);
static_assert(offsetof(engine_profile_input, minimum) == 16 && offsetof(engine_profile_input, typical) == 88);
static_assert(offsetof(engine_profile_input, maximum) == 160);
static_assert(sizeof(engine_version) == 24 && offsetof(engine_version, is_simulated) == 16);
static_assert(sizeof(engine_build_options) == 120 && offsetof(engine_build_options, model_path) == 8);
static_assert(offsetof(engine_build_options, inputs) == 16 && offsetof(engine_build_options, profile_count) == 28);
static_assert(offsetof(engine_build_options, workspace_bytes) == 32 && offsetof(engine_build_options, optimization_level) == 40);
static_assert(offsetof(engine_build_options, timing_cache) == 48 && offsetof(engine_build_options, log) == 64);
static_assert(offsetof(engine_build_options, progress) == 72 && offsetof(engine_build_options, state) == 80);
static_assert(offsetof(engine_build_options, model) == 88 && offsetof(engine_build_options, model_bytes) == 96);
static_assert(offsetof(engine_build_options, tactic_dram_bytes) == 104);
static_assert(offsetof(engine_build_options, tactic_shared_memory_bytes) == 112);
static_assert(sizeof(engine_tensor) == 96 && offsetof(engine_tensor, type) == 8 && offsetof(engine_tensor, shape) == 24);
static_assert(ENGINE_OK == 0 && ENGINE_PLAN_OTHER_DEVICE == 12 && ENGINE_INTERNAL == 15, "statuses are numbers of the interface");
static_assert(ENGINE_FLOAT == 1 && ENGINE_BOOL == 8 && ENGINE_OTHER_TYPE == 9, "types are numbers of the interface");

TEST(Layout_IsToldByTheDouble) {
    std::string const layout = engine_double_layout();
    CHECK_CONTAINS(layout, "engine_build_options 120\n");
    CHECK_CONTAINS(layout, "engine_build_options.state 80\n");
    CHECK_CONTAINS(layout, "engine_tensor.shape 24\n");
}
