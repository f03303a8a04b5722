// Runs: shapes, determinism, and what is refused.
#include "check.h"
#include "engines.h"
#include "onnx_writer.h"

#include <algorithm>
#include <cstring>

using namespace pipeline::tests;

extern "C" int cudaMemGetInfo(std::size_t* free, std::size_t* total);

namespace {

std::vector<float> outputOf(SmallRun& run, std::vector<float> const& values, int64_t rows) {
    run.give(values);
    run.setRows(rows);
    CHECK_OK(engine_context_enqueue(run.context.get(), run.stream.get()));
    return run.take(rows);
}

// The output shape of a model with one output, for an input x of [3,5] with dimensions a and b.
std::string outputShapeOf(std::vector<Size> const& output, bool hasShape = true) {
    OnnxWriter writer;
    writer.node("Relu").input("x", 1, {"a", "b"});
    if (hasShape) writer.output("y", 1, output);
    else writer.outputWithoutShape("y", 1);
    Build build;
    build.inputs = {{0, 0, "x", shapeOf({1, 1}), shapeOf({1, 1}), shapeOf({9, 9})}};
    CHECK_OK(build.run(writer.bytes()));
    Plan const plan = load(build.plan);
    Context const context = contextOf(plan);
    engine_shape shape = shapeOf({3, 5});
    CHECK_OK(engine_context_set_input(context.get(), 0, &shape, nullptr));
    CHECK_OK(engine_context_output_shape(context.get(), 1, &shape));
    std::string text;
    for (int32_t i = 0; i < shape.count; i++) text += std::to_string(shape.values[i]) + " ";
    return text;
}

} // namespace

TEST(Run_SameInputs_GiveTheSameOutputsInTheUnitInterval) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    SmallRun first(plan), second(plan);
    std::vector<float> const values = {1, 2, 3, 4, 5, 6, 7, 8};
    std::vector<float> const output = outputOf(first, values, 2);
    CHECK(output == outputOf(second, values, 2));
    CHECK(output == outputOf(first, values, 2));
    CHECK(std::all_of(output.begin(), output.end(), [](float value) { return value >= 0 && value < 1; }));
    CHECK(output[0] != output[1]);
}

TEST(Run_EveryInputByte_Counts) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    std::vector<float> values(32);
    std::vector<float> const output = outputOf(run, values, 8);
    for (std::size_t i = 0; i < values.size() * sizeof(float); i++) {
        std::vector<float> changed = values;
        reinterpret_cast<unsigned char*>(changed.data())[i] = 1;
        CHECK(outputOf(run, changed, 8) != output);
    }
}

TEST(Run_FreeOutputDimensions_FollowTheInputs) {
    Programmed const programmed("");
    CHECK_EQUAL(outputShapeOf({"b", "a"}), "5 3 ");
    CHECK_EQUAL(outputShapeOf({"other", "", 7}), "3 5 7 ");
    CHECK_EQUAL(outputShapeOf({2, 2, ""}), "2 2 1 ");
    CHECK_EQUAL(outputShapeOf({-1, "b"}), "3 5 ");
    CHECK_EQUAL(outputShapeOf({}, false), "3 5 ");
    CHECK_EQUAL(outputShapeOf({}), "");
}

TEST(Run_ShapesOutsideOfTheProfile_AreRefused) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    for (std::vector<int64_t> const& sizes : std::vector<std::vector<int64_t>>{{0, 4}, {9, 4}, {1, 5}, {1}, {1, 4, 1}, {-1, 4}}) {
        engine_shape const shape = shapeOf(sizes);
        CHECK_REFUSED(
            engine_context_set_input(run.context.get(), 0, &shape, run.x.get()), ENGINE_INVALID_ARGUMENT, "it takes [1,4] to [8,4]");
    }
    engine_shape const shape = shapeOf({1, 2});
    CHECK_REFUSED(engine_context_set_input(run.context.get(), 2, &shape, run.x.get()), ENGINE_INVALID_ARGUMENT, "no input");
    CHECK_REFUSED(engine_context_set_input(run.context.get(), 3, &shape, run.x.get()), ENGINE_INVALID_ARGUMENT, "no tensor");
    CHECK_REFUSED(engine_context_set_output(run.context.get(), 0, run.y.get(), 8), ENGINE_INVALID_ARGUMENT, "no output");
}

TEST(Run_WithoutEverything_IsRefused) {
    Programmed const programmed("");
    Plan const plan = load(planOf(smallModel()));
    Context const context = contextOf(plan);
    Stream const stream = makeStream();
    engine_shape shape{};
    CHECK_REFUSED(engine_context_output_shape(context.get(), 2, &shape), ENGINE_INVALID_ARGUMENT, "'x' is not set");
    CHECK_REFUSED(engine_context_enqueue(context.get(), stream.get()), ENGINE_INVALID_ARGUMENT, "'x' is not set");
    CHECK_REFUSED(engine_context_enqueue(context.get(), nullptr), ENGINE_INVALID_ARGUMENT, "stream");
}

TEST(Run_MemoryThatIsTooSmallOrNone_FailsTheRun) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    run.setRows(8);
    CHECK_OK(engine_context_set_output(run.context.get(), 2, run.y.get(), 63));
    CHECK_REFUSED(engine_context_enqueue(run.context.get(), run.stream.get()), ENGINE_RUN_FAILED, "'y' needs more memory");
    char host[64];
    CHECK_OK(engine_context_set_output(run.context.get(), 2, host, 64));
    CHECK_REFUSED(engine_context_enqueue(run.context.get(), run.stream.get()), ENGINE_RUN_FAILED, "'y' needs 64 bytes");
    run.setRows(8);
    run.x.reset();
    CHECK_REFUSED(engine_context_enqueue(run.context.get(), run.stream.get()), ENGINE_RUN_FAILED, "'x' needs 128 bytes");
}

TEST(Run_UnknownStream_FailsTheRun) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    run.stream.reset();
    int number = 0;
    CHECK_REFUSED(engine_context_enqueue(run.context.get(), &number), ENGINE_RUN_FAILED, "CUDA error 400");
}

TEST(Run_GivenShape_IsThatOfTheLastRun) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    outputOf(run, std::vector<float>(32), 5);
    engine_shape shape{};
    CHECK_OK(engine_context_given_shape(run.context.get(), 2, &shape));
    CHECK_EQUAL(shape.count, 2);
    CHECK_EQUAL(shape.values[0], 5);
}

TEST(Run_DataDependentOutput_IsKnownAfterTheRunAndNeedsItsRoom) {
    Programmed const programmed("");
    Build build;
    build.inputs.clear();
    build.options.profile_count = 0;
    CHECK_OK(build.run(OnnxWriter().node("NonZero").input("x", 1, {1}).output("y", 7, {"data_dependent_count", 2}).bytes()));
    Plan const plan = load(build.plan);
    Context const context = contextOf(plan);
    Stream const stream = makeStream();
    Memory const x = allocate(4), y = allocate(16 * 16);
    engine_shape shape = shapeOf({1});
    CHECK_OK(engine_context_set_input(context.get(), 0, &shape, x.get()));
    CHECK_OK(engine_context_output_shape(context.get(), 1, &shape));
    CHECK_EQUAL(shape.values[0], -1);
    bool isLarge = false, isSmall = false;
    for (float value = 0; value < 32; value++) {
        CHECK_EQUAL(cudaMemcpyAsync(x.get(), &value, 4, 1, stream.get()), 0);
        CHECK_OK(engine_context_set_output(context.get(), 1, y.get(), 16 * 16));
        CHECK_OK(engine_context_enqueue(context.get(), stream.get()));
        CHECK_EQUAL(cudaStreamSynchronize(stream.get()), 0);
        CHECK_OK(engine_context_given_shape(context.get(), 1, &shape));
        CHECK(shape.values[0] >= 1 && shape.values[0] <= 16);
        CHECK_EQUAL(shape.values[1], 2);
        CHECK_OK(engine_context_set_output(context.get(), 1, y.get(), 8 * 16));
        engine_status const status = engine_context_enqueue(context.get(), stream.get());
        CHECK_EQUAL(status, shape.values[0] > 8 ? ENGINE_RUN_FAILED : ENGINE_OK);
        (shape.values[0] > 8 ? isLarge : isSmall) = true;
    }
    CHECK(isLarge && isSmall);
}

TEST(Run_OtherTypes_HaveTheirRange) {
    Programmed const programmed("");
    Build build;
    build.inputs.clear();
    build.options.profile_count = 0;
    OnnxWriter writer;
    writer.node("Relu").output("half", 10, {64}).output("bfloat16", 16, {64}).output("int64", 7, {64}).output("bool", 9, {64});
    CHECK_OK(build.run(writer.bytes()));
    Plan const plan = load(build.plan);
    Context const context = contextOf(plan);
    Stream const stream = makeStream();
    Memory const memory = allocate(4 * 512);
    auto* const bytes = static_cast<char*>(memory.get());
    for (int32_t i = 0; i < 4; i++) CHECK_OK(engine_context_set_output(context.get(), i, bytes + i * 512, 512));
    CHECK_OK(engine_context_enqueue(context.get(), stream.get()));
    CHECK_EQUAL(cudaStreamSynchronize(stream.get()), 0);
    for (int i = 0; i < 64; i++) {
        uint16_t half = 0, brain = 0;
        int64_t integer = 0;
        std::memcpy(&half, bytes + i * 2, 2);
        std::memcpy(&brain, bytes + 512 + i * 2, 2);
        std::memcpy(&integer, bytes + 1024 + i * 8, 8);
        CHECK(half < 0x3c00); // 1
        CHECK(brain < 0x3f80); // 1
        CHECK(integer >= 0 && integer < 100);
        CHECK(bytes[1536 + i] == 0 || bytes[1536 + i] == 1);
    }
}

TEST(Context_Memory_IsCountedAndRunsOut) {
    Programmed const programmed("");
    std::string const bytes = planOf(smallModel());
    Programmed const small("memory=" + std::to_string(smallModel().size() + 600));
    Plan const plan = load(bytes);
    std::size_t before = 0, after = 0, total = 0;
    CHECK_EQUAL(cudaMemGetInfo(&before, &total), 0);
    CHECK_EQUAL(before, 600u);
    Context const first = contextOf(plan), second = contextOf(plan);
    CHECK_EQUAL(cudaMemGetInfo(&after, &total), 0);
    CHECK_EQUAL(after, 600u - 2 * 256);
    engine_context* third = nullptr;
    CHECK_REFUSED(engine_context_create(plan.get(), 0, nullptr, nullptr, &third), ENGINE_OUT_OF_MEMORY, "256 bytes");
}

TEST(Context_GivenMemory_MustHoldItsProfile) {
    Programmed const programmed("");
    Plan const plan = load(planOf(smallModel()));
    Memory const enough = allocate(256), little = allocate(255);
    engine_context* context = nullptr;
    CHECK_REFUSED(engine_context_create(plan.get(), 0, little.get(), nullptr, &context), ENGINE_INVALID_ARGUMENT, "smaller");
    CHECK_REFUSED(engine_context_create(plan.get(), 1, nullptr, nullptr, &context), ENGINE_INVALID_ARGUMENT, "no shape profile");
    CHECK_OK(engine_context_create(plan.get(), 0, enough.get(), nullptr, &context));
    engine_context_release(context);
}
