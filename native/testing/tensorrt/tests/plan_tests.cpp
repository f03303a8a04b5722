#include "check.h"
#include "shim.h"

using namespace test;
using nvinfer1::DataType;

namespace {

void twoTensors() {
    fake::Script& script = tensorrt().script;
    script.tensors = {{"in", true, DataType::kHALF, dims({-1, 3}), nvinfer1::TensorLocation::kHOST}, {"out", false, DataType::kFLOAT, dims({-1})}};
    script.profiles = {{{"in", {dims({1, 3}), dims({2, 3}), dims({4, 3})}}}, {{"in", {dims({5, 3}), dims({6, 3}), dims({7, 3})}}}};
    script.profileBytes = {1000, 2000};
}

engine_status refusal(engine_library& library, std::string const& bytes) {
    Held<engine_plan> plan;
    engine_status const status = load(library, bytes, plan);
    CHECK(plan == nullptr);
    CHECK(!lastError().empty());
    return status;
}

} // namespace

TEST(plan, tells_its_tensors) {
    twoTensors();
    Held<engine_library> const library = openLibrary();
    Held<engine_plan> plan;
    CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
    CHECK_EQUAL(2, shim().engine_plan_tensors(plan.get()));
    engine_tensor tensor{};
    CHECK_EQUAL(ENGINE_OK, shim().engine_plan_tensor(plan.get(), 0, &tensor));
    CHECK_EQUAL("in", std::string(tensor.name));
    CHECK_EQUAL("-1x3", text(tensor.shape));
    CHECK(tensor.type == ENGINE_HALF && tensor.is_input == 1 && tensor.is_on_host == 1);
    CHECK_EQUAL(ENGINE_OK, shim().engine_plan_tensor(plan.get(), 1, &tensor));
    CHECK_EQUAL("out", std::string(tensor.name));
    CHECK(tensor.type == ENGINE_FLOAT && tensor.is_input == 0 && tensor.is_on_host == 0);
    for (int32_t none : {-1, 2}) CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_tensor(plan.get(), none, &tensor));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_tensor(plan.get(), 0, nullptr));
}

TEST(plan, tells_types_by_name) {
    std::vector<std::pair<DataType, int32_t>> const types{
        {DataType::kFLOAT, ENGINE_FLOAT}, {DataType::kHALF, ENGINE_HALF}, {DataType::kBF16, ENGINE_BFLOAT16}, {DataType::kINT8, ENGINE_INT8},
        {DataType::kUINT8, ENGINE_UINT8}, {DataType::kINT32, ENGINE_INT32}, {DataType::kINT64, ENGINE_INT64}, {DataType::kBOOL, ENGINE_BOOL},
        {DataType::kFP8, ENGINE_OTHER_TYPE}, {DataType::kINT4, ENGINE_OTHER_TYPE}};
    for (auto const& type : types) tensorrt().script.tensors.push_back({"t" + std::to_string(type.second), true, type.first, dims({})});
    Held<engine_library> const library = openLibrary();
    Held<engine_plan> plan;
    CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
    for (std::size_t i = 0; i < types.size(); i++) {
        engine_tensor tensor{};
        CHECK_EQUAL(ENGINE_OK, shim().engine_plan_tensor(plan.get(), static_cast<int32_t>(i), &tensor));
        CHECK_EQUAL(types[i].second, tensor.type);
        CHECK_EQUAL(0, tensor.shape.count);
    }
}

TEST(plan, tells_its_profiles) {
    twoTensors();
    Held<engine_library> const library = openLibrary();
    Held<engine_plan> plan;
    CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
    CHECK_EQUAL(2, shim().engine_plan_profiles(plan.get()));
    engine_profile_input range{};
    CHECK_EQUAL(ENGINE_OK, shim().engine_plan_profile(plan.get(), 1, 0, &range));
    CHECK_EQUAL("in", std::string(range.input));
    CHECK_EQUAL(1, range.profile);
    CHECK_EQUAL("5x3", text(range.minimum));
    CHECK_EQUAL("6x3", text(range.typical));
    CHECK_EQUAL("7x3", text(range.maximum));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_profile(plan.get(), 2, 0, &range));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_profile(plan.get(), -1, 0, &range));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_profile(plan.get(), 0, 1, &range));
    tensorrt().script.broken = {"getProfileShape"};
    CHECK_EQUAL(ENGINE_INTERNAL, shim().engine_plan_profile(plan.get(), 0, 0, &range));
}

TEST(plan, tells_the_memory_of_each_profile) {
    twoTensors();
    Held<engine_library> const library = openLibrary();
    Held<engine_plan> plan;
    CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
    uint64_t device = 0, weights = 0;
    CHECK_EQUAL(ENGINE_OK, shim().engine_plan_memory(plan.get(), 1, &device, &weights));
    CHECK_EQUAL(2000U, device);
    CHECK_EQUAL(4096U, weights);
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_memory(plan.get(), 2, &device, &weights));
}

TEST(plan, keeps_the_weights_on_the_device_that_there_is_room_for) {
    twoTensors();
    tensorrt().script.budget = 100;
    Held<engine_library> const library = openLibrary();
    bool const hasBudget = NV_TENSORRT_MAJOR > 10 || NV_TENSORRT_MINOR > 0;
    std::pair<int64_t, uint64_t> const cases[] = {{4096, hasBudget ? 100 : 4096}, {0, 0}};
    for (auto const& [streamable, onDevice] : cases) {
        tensorrt().script.streamableBytes = streamable;
        tensorrt().record.budget = -1;
        Held<engine_plan> plan;
        CHECK_EQUAL(ENGINE_OK, load(*library, planBytes(), plan));
        uint64_t device = 0, weights = 1;
        CHECK_EQUAL(ENGINE_OK, shim().engine_plan_memory(plan.get(), 0, &device, &weights));
        CHECK_EQUAL(onDevice, weights);
        CHECK_EQUAL(streamable > 0 && hasBudget ? 100 : -1, tensorrt().record.budget);
    }
    if (!hasBudget) return;
    tensorrt().script.streamableBytes = 4096;
    tensorrt().script.broken = {"setWeightStreamingBudgetV2"};
    CHECK_EQUAL(ENGINE_OUT_OF_MEMORY, refusal(*library, planBytes()));
    CHECK_HAS("weights", lastError());
}

TEST(plan, is_looked_at_before_tensorrt_has_it) {
    Held<engine_library> const library = openLibrary();
    CHECK_EQUAL(ENGINE_PLAN_CORRUPT, refusal(*library, planBytes().substr(0, 27)));
    CHECK_EQUAL(ENGINE_PLAN_CORRUPT, refusal(*library, "x" + planBytes()));
    std::string other = planBytes();
    other[24] = 9;
    CHECK_EQUAL(ENGINE_PLAN_OTHER_VERSION, refusal(*library, other));
    CHECK_HAS("TensorRT 9.", lastError());
    CHECK_EQUAL(0, tensorrt().record.live["IRuntime"]);
    engine_plan* plan = nullptr;
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_load(library.get(), nullptr, 0, nullptr, nullptr, &plan));
    CHECK_EQUAL(ENGINE_INVALID_ARGUMENT, shim().engine_plan_load(library.get(), "ftrt", 4, nullptr, nullptr, nullptr));
}

// The texts are those of real TensorRT versions.
TEST(plan, says_why_it_does_not_load) {
    Held<engine_library> const library = openLibrary();
    tensorrt().script.broken = {"deserializeCudaEngine"};
    std::pair<char const*, engine_status> const cases[] = {
        {"Error Code 6: API Usage Error (The engine plan file is not compatible with this version of TensorRT, expecting library version "
         "10.12.0.36 got 10.9.0.34, please rebuild.)", ENGINE_PLAN_OTHER_VERSION},
        {"Error Code 1: Serialization (Serialization assertion stdVersionRead == kSERIALIZATION_VERSION failed.Version tag does not match. "
         "Note: Current Version: 239, Serialized Engine Version: 237)", ENGINE_PLAN_OTHER_VERSION},
        {"Error Code 6: API Usage Error (The engine plan file is generated on an incompatible device, expecting compute 8.9 got compute "
         "8.6, please rebuild.)", ENGINE_PLAN_OTHER_DEVICE},
        {"Error Code 1: Serialization (Serialization assertion magicTagRead == kMAGIC_TAG failed.Magic tag does not match)", ENGINE_PLAN_CORRUPT},
        {"[defaultAllocator.cpp::allocate::31] Error Code 1: Cuda Runtime (out of memory)", ENGINE_OUT_OF_MEMORY},
        {"", ENGINE_PLAN_CORRUPT}};
    for (auto const& [error, status] : cases) {
        tensorrt().script.error = *error == '\0' ? "" : std::string(error) + " Error Code 4: Internal Error (Engine deserialization failed.)";
        CHECK_EQUAL(status, refusal(*library, planBytes()));
        CHECK_HAS(*error == '\0' ? "no reason" : error, lastError());
    }
    tensorrt().script.broken = {"createInferRuntime"};
    CHECK_EQUAL(ENGINE_LIBRARY_INCOMPATIBLE, refusal(*library, planBytes()));
}

TEST(plan, for_several_versions_brings_host_code) {
    Held<engine_library> const library = openLibrary();
    engine_build_options options = buildOptions();
    options.flags = ENGINE_BUILD_VERSION_COMPATIBLE;
    Built const built = build(*library, options);
    Held<engine_plan> plan;
    tensorrt().record.isHostCodeAllowed = false;
    CHECK_EQUAL(ENGINE_OK, load(*library, bytesOf(built.plan), plan));
}

TEST(plan, logs_while_it_loads_and_never_later) {
    twoTensors();
    Held<engine_library> const library = openLibrary();
    std::vector<std::string> log;
    auto const onLog = [](void* state, int32_t, char const* text) { static_cast<std::vector<std::string>*>(state)->push_back(text); };
    std::string const bytes = planBytes();
    engine_plan* plan = nullptr;
    CHECK_EQUAL(ENGINE_OK, shim().engine_plan_load(library.get(), bytes.data(), bytes.size(), onLog, &log, &plan));
    CHECK_EQUAL(1U, log.size());
    engine_context* context = nullptr;
    tensorrt().script.broken = {"createExecutionContext"};
    tensorrt().script.error = "too late";
    CHECK_EQUAL(ENGINE_OUT_OF_MEMORY, shim().engine_context_create(plan, 0, nullptr, nullptr, &context));
    shim().engine_plan_release(plan);
    CHECK_EQUAL(1U, log.size());
}
