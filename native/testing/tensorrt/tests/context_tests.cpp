#include "check.h"
#include "shim.h"

#include <algorithm>

using namespace test;
using nvinfer1::DataType;

namespace {

constexpr int32_t kIn = 0, kFree = 1, kFixed = 2;

// An input, an output whose shape depends on the data, and one whose shape depends on the input's.
struct Loaded {
    Held<engine_library> library;
    Held<engine_plan> plan;
    alignas(256) char memory[1024] = {};
    void* stream = memory; // the fake only tells it from none

    Loaded() {
        fake::Script& script = tensorrt().script;
        script.tensors = {
            {"in", true, DataType::kFLOAT, dims({-1, 3})},
            {"free", false, DataType::kFLOAT, dims({-1})},
            {"fixed", false, DataType::kFLOAT, dims({-1, 3})}};
        script.profiles = {{}, {}};
        script.profileBytes = {1000, 2000};
        script.inferred = {{"fixed", dims({2, 3})}};
        library = openLibrary();
        CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
    }

    engine_status create(int32_t profile, void* given, Held<engine_context>& context) {
        engine_context* created = nullptr;
        engine_status const status = shim().engine_context_create(plan.get(), profile, given, nullptr, &created);
        context.reset(created);
        return status;
    }

    // A context with its input and its outputs set.
    Held<engine_context> ready() {
        Held<engine_context> context;
        CHECK_EQUAL(ENGINE_OK, create(0, nullptr, context));
        engine_shape const input = shape({2, 3});
        CHECK_EQUAL(ENGINE_OK, shim().engine_context_set_input(context.get(), kIn, &input, memory));
        CHECK_EQUAL(ENGINE_OK, shim().engine_context_set_output(context.get(), kFree, memory + 256, 100));
        CHECK_EQUAL(ENGINE_OK, shim().engine_context_set_output(context.get(), kFixed, memory + 512, 24));
        return context;
    }

    engine_status enqueue(Held<engine_context> const& context) { return shim().engine_context_enqueue(context.get(), stream); }
};

std::size_t indexOf(std::string const& call) {
    auto const& calls = tensorrt().record.calls;
    return static_cast<std::size_t>(std::find(calls.begin(), calls.end(), call) - calls.begin());
}

} // namespace

TEST(context, takes_its_profile_and_its_own_memory) {
    Loaded loaded;
    Held<engine_context> context;
    CHECK_EQUAL(ENGINE_OK, loaded.create(1, nullptr, context));
    CHECK(wasCalled("createExecutionContext " + std::to_string(static_cast<int>(nvinfer1::ExecutionContextAllocationStrategy::kSTATIC))));
    CHECK(wasCalled("setOptimizationProfileAsync 1"));
    for (int32_t none : {-1, 2}) CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, loaded.create(none, nullptr, context));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_create(nullptr, 0, nullptr, nullptr, nullptr));
}

TEST(context, takes_the_memory_that_it_is_given_after_its_profile) {
    Loaded loaded;
    engine_context* created = nullptr;
    CHECK_EQUAL(ENGINE_OK, shim().engine_context_create(loaded.plan.get(), 1, loaded.memory, loaded.stream, &created));
    Held<engine_context> const context(created);
    CHECK(wasCalled("createExecutionContext " + std::to_string(static_cast<int>(nvinfer1::ExecutionContextAllocationStrategy::kUSER_MANAGED))));
    bool const hasSize = NV_TENSORRT_MAJOR > 10 || NV_TENSORRT_MINOR >= 1;
    std::string const given = hasSize ? "setDeviceMemory 2000" : "setDeviceMemory";
    CHECK(wasCalled(given) && indexOf("setOptimizationProfileAsync 1 on a stream") < indexOf(given));
}

TEST(context, is_not_made_when_tensorrt_refuses) {
    Loaded loaded;
    std::pair<char const*, engine_status> const cases[] = {
        {"createExecutionContext", ENGINE_OUT_OF_MEMORY}, {"setOptimizationProfileAsync", ENGINE_RUN_FAILED}, {"setOutputAllocator", ENGINE_RUN_FAILED}};
    tensorrt().script.error = "The reason.";
    for (auto const& [method, status] : cases) {
        tensorrt().script.broken = {method};
        Held<engine_context> context;
        CHECK_EQUAL(status, loaded.create(0, nullptr, context));
        CHECK_HAS("The reason.", lastError());
        CHECK(context == nullptr);
    }
}

TEST(context, passes_shapes_and_addresses) {
    Loaded loaded;
    Held<engine_context> const context = loaded.ready();
    fake::Record& record = tensorrt().record;
    CHECK_EQUAL("2x3", text(record.shapes["in"]));
    CHECK(record.addresses["in"] == loaded.memory);
    CHECK(record.addresses["free"] == loaded.memory + 256);
    CHECK(record.addresses["fixed"] == loaded.memory + 512);
}

TEST(context, refuses_tensors_shapes_and_addresses_that_are_none) {
    Loaded loaded;
    Held<engine_context> const context = loaded.ready();
    engine_shape input = shape({2, 3});
    auto const setInput = [&](int32_t tensor) { return shim().engine_context_set_input(context.get(), tensor, &input, loaded.memory); };
    auto const setOutput = [&](int32_t tensor) { return shim().engine_context_set_output(context.get(), tensor, loaded.memory, 100); };
    for (int32_t tensor : {-1, 3, kFree}) CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, setInput(tensor));
    for (int32_t tensor : {-1, 3, kIn}) CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, setOutput(tensor));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_set_output(context.get(), kFree, nullptr, 0));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_set_input(context.get(), kIn, nullptr, loaded.memory));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_set_input(nullptr, kIn, &input, loaded.memory));
    tensorrt().script.broken = {"setInputShape"};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, setInput(kIn));
    CHECK_HAS("'in'", lastError());
    tensorrt().script.broken = {"setInputTensorAddress", "setTensorAddress"};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, setInput(kIn));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, setOutput(kFree));
    tensorrt().script.broken = {};
    for (int32_t count : {-1, ENGINE_DIMENSIONS_MAXIMUM + 1}) {
        input.count = count;
        CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, setInput(kIn));
    }
}

TEST(context, tells_output_shapes_once_the_inputs_are_set) {
    Loaded loaded;
    Held<engine_context> unset;
    CHECK_EQUAL(ENGINE_OK, loaded.create(0, nullptr, unset));
    engine_shape output{};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_output_shape(unset.get(), kFixed, &output));
    CHECK_HAS("'in'", lastError());
    Held<engine_context> const context = loaded.ready();
    CHECK_EQUAL(ENGINE_OK, shim().engine_context_output_shape(context.get(), kFixed, &output));
    CHECK_EQUAL("2x3", text(output));
    CHECK_EQUAL(ENGINE_OK, shim().engine_context_output_shape(context.get(), kFree, &output));
    CHECK_EQUAL("-1", text(output));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_output_shape(context.get(), 3, &output));
    tensorrt().script.broken = {"inferShapes"};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_output_shape(context.get(), kFixed, &output));
    tensorrt().script.broken = {"getTensorShape"};
    CHECK_EQUAL(ENGINE_INTERNAL, shim().engine_context_output_shape(context.get(), kFixed, &output));
}

TEST(context, runs_on_a_stream_of_its_own) {
    Loaded loaded;
    Held<engine_context> const context = loaded.ready();
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_enqueue(context.get(), nullptr));
    CHECK(!wasCalled("enqueueV3"));
    CHECK_EQUAL(ENGINE_OK, loaded.enqueue(context));
    CHECK(wasCalled("enqueueV3"));
}

TEST(context, tells_the_shape_that_a_run_found) {
    Loaded loaded;
    Held<engine_context> const context = loaded.ready();
    engine_shape given{};
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_given_shape(context.get(), kFree, &given)); // there was no run
    tensorrt().script.given = {{"free", dims({25})}};
    tensorrt().script.bytes = {{"free", 100}};
    CHECK_EQUAL(ENGINE_OK, loaded.enqueue(context));
    CHECK_EQUAL(ENGINE_OK, shim().engine_context_given_shape(context.get(), kFree, &given));
    CHECK_EQUAL("25", text(given));
    CHECK_EQUAL(ENGINE_OK, shim().engine_context_given_shape(context.get(), kFixed, &given));
    CHECK_EQUAL("2x3", text(given));

    // More than the caller's memory holds: failed, and no shape of the run before.
    tensorrt().script.bytes = {{"free", 101}};
    CHECK_EQUAL(ENGINE_RUN_FAILED, loaded.enqueue(context));
    CHECK_HAS("No memory for output free.", lastError());
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_context_given_shape(context.get(), kFree, &given));
}

TEST(context, fails_for_the_reason_of_this_run) {
    Loaded loaded;
    Held<engine_context> const context = loaded.ready();
    tensorrt().script.broken = {"enqueueV3"};
    tensorrt().script.error = "Cuda Runtime (out of memory)";
    CHECK_EQUAL(ENGINE_OUT_OF_MEMORY, loaded.enqueue(context));
    tensorrt().script.error = "Cask error";
    for (int i = 0; i < 100; i++) CHECK_EQUAL(ENGINE_RUN_FAILED, loaded.enqueue(context));
    CHECK_EQUAL("The engine did not run. Cask error", lastError());
    tensorrt().script.error = "";
    CHECK_EQUAL(ENGINE_RUN_FAILED, loaded.enqueue(context));
    CHECK_HAS("no reason", lastError());
}

TEST(context, keeps_what_it_needs_in_any_order_of_release) {
    Loaded loaded;
    Held<engine_context> first = loaded.ready(), second = loaded.ready();
    loaded.library.reset();
    loaded.plan.reset();
    first.reset();
    CHECK_EQUAL(1, tensorrt().record.live["ICudaEngine"]);
    CHECK_EQUAL(ENGINE_OK, loaded.enqueue(second));
    second.reset();
    CHECK_EQUAL(0, tensorrt().record.live["ICudaEngine"]);
}
