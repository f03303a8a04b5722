#include "engines.h"

#include "check.h"
#include "onnx_writer.h"

#include <cstdlib>
#include <fstream>
#include <unistd.h>

namespace pipeline::tests {
namespace {

std::string textOf(engine_blob* blob) {
    Blob const held(blob);
    return blob == nullptr ? "" : std::string(static_cast<char const*>(engine_blob_data(blob)), engine_blob_bytes(blob));
}

} // namespace

Programmed::Programmed(std::string const& text) {
    bool const isTimed = text.find("build_seconds") != std::string::npos;
    CHECK_OK(engine_double_program((isTimed ? text : "build_seconds=0;" + text).c_str()));
}

Programmed::~Programmed() {
    engine_double_program("");
}

ModelFile::ModelFile(std::string const& bytes) : path_("double-test-XXXXXX") {
    int const file = mkstemp(path_.data());
    CHECK(file >= 0);
    close(file);
    std::ofstream(path_, std::ios::binary) << bytes;
}

ModelFile::~ModelFile() {
    unlink(path_.c_str());
}

engine_shape shapeOf(std::vector<int64_t> const& sizes) {
    engine_shape shape{};
    shape.count = static_cast<int32_t>(sizes.size());
    for (std::size_t i = 0; i < sizes.size(); i++) shape.values[i] = sizes[i];
    return shape;
}

Build::Build() {
    inputs = {
        {0, 0, "x", shapeOf({1, 4}), shapeOf({4, 4}), shapeOf({8, 4})}, {0, 0, "ids", shapeOf({1}), shapeOf({4}), shapeOf({8})}};
    options.size = sizeof(options);
    options.profile_count = 1;
    options.optimization_level = -1;
}

engine_status Build::run(std::string const& model) {
    ModelFile const file(model);
    options.model_path = file.path();
    return run();
}

engine_status Build::runFromMemory(std::string const& model) {
    // A copy of just the size, so that the sanitizer sees a read beyond it.
    std::vector<char> const exact(model.begin(), model.end());
    char const none = 0;
    options.model_path = nullptr;
    options.model = exact.empty() ? &none : exact.data();
    options.model_bytes = exact.size();
    return run();
}

engine_status Build::run() {
    Library const library = openLibrary();
    options.inputs = inputs.data();
    options.input_count = static_cast<int32_t>(inputs.size());
    engine_blob *made = nullptr, *timed = nullptr, *layered = nullptr;
    engine_status const status = engine_build(library.get(), &options, &made, &timed, &layered);
    plan = textOf(made);
    timings = textOf(timed);
    layers = textOf(layered);
    CHECK_EQUAL(status == ENGINE_OK, made != nullptr);
    return status;
}

Library openLibrary() {
    engine_library* library = nullptr;
    CHECK_OK(engine_library_open(nullptr, &library));
    return Library(library);
}

Plan load(std::string const& bytes) {
    engine_plan* plan = nullptr;
    CHECK_OK(engine_plan_load(openLibrary().get(), bytes.data(), bytes.size(), nullptr, nullptr, &plan));
    return Plan(plan);
}

engine_status loadStatus(std::string const& bytes) {
    engine_plan* plan = nullptr;
    Library const library = openLibrary();
    // A copy of just the size, so that the sanitizer sees a read beyond it.
    std::vector<char> const exact(bytes.begin(), bytes.end());
    char const none = 0;
    engine_status const status =
        engine_plan_load(library.get(), exact.empty() ? &none : exact.data(), exact.size(), nullptr, nullptr, &plan);
    CHECK_EQUAL(status == ENGINE_OK, plan != nullptr);
    engine_plan_release(plan);
    return status;
}

std::string planOf(std::string const& model) {
    Build build;
    CHECK_OK(build.run(model));
    return build.plan;
}

Context contextOf(Plan const& plan, int32_t profile) {
    engine_context* context = nullptr;
    CHECK_OK(engine_context_create(plan.get(), profile, nullptr, nullptr, &context));
    return Context(context);
}

Stream makeStream() {
    void* stream = nullptr;
    CHECK_EQUAL(cudaStreamCreateWithFlags(&stream, 1), 0);
    return Stream(stream);
}

Memory allocate(std::size_t bytes) {
    void* address = nullptr;
    CHECK_EQUAL(cudaMalloc(&address, bytes), 0);
    return Memory(address);
}

SmallRun::SmallRun(std::string const& bytes)
    : plan(load(bytes)), context(contextOf(plan)), stream(makeStream()), x(allocate(8 * 16)), ids(allocate(8 * 8)), y(allocate(8 * 8)) {
    setRows(1);
}

void SmallRun::setRows(int64_t rows) {
    engine_shape const xShape = shapeOf({rows, 4}), idsShape = shapeOf({rows});
    CHECK_OK(engine_context_set_input(context.get(), 0, &xShape, x.get()));
    CHECK_OK(engine_context_set_input(context.get(), 1, &idsShape, ids.get()));
    CHECK_OK(engine_context_set_output(context.get(), 2, y.get(), 8 * 8));
}

void SmallRun::give(std::vector<float> const& values) {
    std::vector<int64_t> const zeros(8);
    CHECK_EQUAL(cudaMemcpyAsync(x.get(), values.data(), values.size() * 4, 1, stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(ids.get(), zeros.data(), 64, 1, stream.get()), 0);
    CHECK_EQUAL(cudaStreamSynchronize(stream.get()), 0);
}

std::vector<float> SmallRun::take(int64_t rows) {
    std::vector<float> values(static_cast<std::size_t>(rows * 2));
    CHECK_EQUAL(cudaMemcpyAsync(values.data(), y.get(), values.size() * 4, 2, stream.get()), 0);
    CHECK_EQUAL(cudaStreamSynchronize(stream.get()), 0);
    return values;
}

} // namespace pipeline::tests
