// Plans: what they tell, where they load, and what they take.
#include "check.h"
#include "engines.h"
#include "onnx_writer.h"

using namespace pipeline::tests;

namespace {

std::string textOf(engine_tensor const& tensor) {
    std::string text = std::string(tensor.name) + " " + std::to_string(tensor.type) + (tensor.is_input ? " in" : " out");
    for (int32_t i = 0; i < tensor.shape.count; i++) text += " " + std::to_string(tensor.shape.values[i]);
    return text;
}

std::string planWith(int32_t compatibility, uint32_t flags) {
    Build build;
    build.options.hardware_compatibility = compatibility;
    build.options.flags = flags;
    CHECK_OK(build.run(smallModel()));
    return build.plan;
}

} // namespace

TEST(Plan_Tensors_AreTheModelsWithoutInitializers) {
    Programmed const programmed("");
    Plan const plan = load(planOf(smallModel()));
    char const* const expected[] = {"x 1 in -1 4", "ids 7 in -1", "y 1 out -1 2"};
    CHECK_EQUAL(engine_plan_tensors(plan.get()), 3);
    for (int32_t i = 0; i < 3; i++) {
        engine_tensor tensor{};
        CHECK_OK(engine_plan_tensor(plan.get(), i, &tensor));
        CHECK_EQUAL(textOf(tensor), expected[i]);
    }
    engine_tensor tensor{};
    CHECK_REFUSED(engine_plan_tensor(plan.get(), 3, &tensor), ENGINE_INVALID_ARGUMENT, "no tensor");
    CHECK_REFUSED(engine_plan_tensor(plan.get(), -1, &tensor), ENGINE_INVALID_ARGUMENT, "no tensor");
}

TEST(Plan_Types_AreMappedToTheInterfacesNumbers) {
    Programmed const programmed("");
    int const onnx[] = {1, 10, 16, 3, 2, 6, 7, 9};
    OnnxWriter writer;
    writer.node("Relu");
    for (int type : onnx) writer.output("y" + std::to_string(type), type, {2});
    Build build;
    build.inputs.clear();
    build.options.profile_count = 0;
    CHECK_OK(build.run(writer.bytes()));
    Plan const plan = load(build.plan);
    for (int32_t i = 0; i < 8; i++) {
        engine_tensor tensor{};
        CHECK_OK(engine_plan_tensor(plan.get(), i, &tensor));
        CHECK_EQUAL(tensor.type, i + 1);
    }
}

TEST(Plan_Profiles_AreThoseOfTheBuild) {
    Programmed const programmed("");
    Build build;
    build.options.profile_count = 2;
    build.inputs.push_back({1, 0, "x", shapeOf({2, 4}), shapeOf({2, 4}), shapeOf({2, 4})});
    build.inputs.push_back({1, 0, "ids", shapeOf({2}), shapeOf({2}), shapeOf({2})});
    CHECK_OK(build.run(smallModel()));
    Plan const plan = load(build.plan);
    CHECK_EQUAL(engine_plan_profiles(plan.get()), 2);
    engine_profile_input range{};
    CHECK_OK(engine_plan_profile(plan.get(), 0, 0, &range));
    CHECK_EQUAL(std::string(range.input), "x");
    CHECK_EQUAL(range.minimum.values[0], 1);
    CHECK_EQUAL(range.typical.values[0], 4);
    CHECK_EQUAL(range.maximum.values[0], 8);
    CHECK_OK(engine_plan_profile(plan.get(), 1, 1, &range));
    CHECK_EQUAL(range.minimum.values[0], 2);
    CHECK_REFUSED(engine_plan_profile(plan.get(), 2, 0, &range), ENGINE_INVALID_ARGUMENT, "no shape profile");
    CHECK_REFUSED(engine_plan_profile(plan.get(), 0, 2, &range), ENGINE_INVALID_ARGUMENT, "Only inputs");
}

TEST(Plan_FixedShapes_HaveOneProfile) {
    Programmed const programmed("");
    Build build;
    build.inputs.clear();
    build.options.profile_count = 0;
    CHECK_OK(build.run(OnnxWriter().node("Relu").input("x", 1, {2, 3}).output("y", 1, {2, 3}).bytes()));
    Plan const plan = load(build.plan);
    CHECK_EQUAL(engine_plan_profiles(plan.get()), 1);
    engine_profile_input range{};
    CHECK_OK(engine_plan_profile(plan.get(), 0, 0, &range));
    CHECK_EQUAL(range.maximum.values[1], 3);
}

TEST(Plan_OtherVersion_DoesNotLoadUnlessItIsCompatible) {
    Programmed const programmed("version=11.1.0.106");
    std::string const strict = planWith(0, 0), compatible = planWith(0, ENGINE_BUILD_VERSION_COMPATIBLE);
    Programmed const later("version=11.2.0.1");
    CHECK_REFUSED(loadStatus(strict), ENGINE_PLAN_OTHER_VERSION, "by TensorRT 11.1.0.106; here is 11.2.0.1");
    CHECK_OK(loadStatus(compatible));
    Programmed const earlier("version=11.0.0.1");
    CHECK_REFUSED(loadStatus(compatible), ENGINE_PLAN_OTHER_VERSION, "built by");
    Programmed const other("version=12.1.0.106");
    CHECK_REFUSED(loadStatus(compatible), ENGINE_PLAN_OTHER_VERSION, "built by");
}

TEST(Plan_OtherDevice_DoesNotLoadUnlessItIsCompatible) {
    Programmed const programmed("device=sm_86-a10");
    std::string const strict = planWith(0, 0), ampere = planWith(ENGINE_COMPATIBLE_AMPERE_PLUS, 0);
    Programmed const product("device=sm_86-a40");
    CHECK_OK(loadStatus(strict));
    Programmed const newer("device=sm_90");
    CHECK_REFUSED(loadStatus(strict), ENGINE_PLAN_OTHER_DEVICE, "for sm_86; here is sm_90");
    CHECK_OK(loadStatus(ampere));
    Programmed const older("device=sm_75-t4");
    CHECK_REFUSED(loadStatus(ampere), ENGINE_PLAN_OTHER_DEVICE, "here is sm_75");
}

TEST(Plan_Memory_IsThatOfTheLargestTensorsAndTheModel) {
    Programmed const programmed("");
    Plan const plan = load(planOf(smallModel()));
    uint64_t device = 0, weights = 0;
    CHECK_OK(engine_plan_memory(plan.get(), 0, &device, &weights));
    CHECK_EQUAL(device, 8u * 16 + 8 * 8 + 8 * 8);
    CHECK_EQUAL(weights, smallModel().size());
    CHECK_REFUSED(engine_plan_memory(plan.get(), 1, &device, &weights), ENGINE_INVALID_ARGUMENT, "no shape profile");
}

TEST(Plan_WithoutRoomForItsWeights_DoesNotLoad) {
    std::string plan;
    {
        Programmed const programmed("");
        plan = planOf(smallModel());
    }
    Programmed const small("memory=64");
    CHECK_REFUSED(loadStatus(plan), ENGINE_OUT_OF_MEMORY, "weights");
}

TEST(Plan_ContextsKeepItAlive_AndAllIsReleased) {
    Programmed const programmed("");
    std::string const bytes = planOf(smallModel());
    int64_t const before = engine_double_live_objects();
    for (int round = 0; round < 1000; round++) {
        Plan plan = load(bytes);
        Context const context = contextOf(plan);
        plan.reset();
        engine_shape const shape = shapeOf({3, 4});
        CHECK_OK(engine_context_set_input(context.get(), 0, &shape, nullptr));
    }
    CHECK_EQUAL(engine_double_live_objects(), before);
}

TEST(Interface_Nulls_AreRefusedAndReleasedSafely) {
    Library const library = openLibrary();
    engine_blob* blob = nullptr;
    Build const build;
    CHECK_REFUSED(engine_library_open(nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "no place");
    CHECK_REFUSED(engine_build(library.get(), nullptr, &blob, nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "options");
    CHECK_REFUSED(engine_build(nullptr, &build.options, &blob, nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "no library");
    CHECK_REFUSED(engine_plan_load(library.get(), nullptr, 0, nullptr, nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "no plan");
    CHECK_REFUSED(engine_context_create(nullptr, 0, nullptr, nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "no plan");
    CHECK_REFUSED(engine_context_enqueue(nullptr, nullptr), ENGINE_INVALID_ARGUMENT, "no context");
    engine_library_release(nullptr);
    engine_plan_release(nullptr);
    engine_context_release(nullptr);
    engine_blob_release(nullptr);
    CHECK_EQUAL(engine_abi_version(), ENGINE_ABI_VERSION);
}
