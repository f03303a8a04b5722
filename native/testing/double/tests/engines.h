// Builds, loads and runs for tests, through the C interface alone.
#pragma once

#include "engine_double.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

extern "C" {
int cudaMalloc(void** address, std::size_t bytes);
int cudaFree(void* address);
int cudaMemcpyAsync(void* to, void const* from, std::size_t bytes, int kind, void* stream);
int cudaStreamCreateWithFlags(void** stream, unsigned flags);
int cudaStreamSynchronize(void* stream);
int cudaStreamDestroy(void* stream);
}

namespace pipeline::tests {

template <auto Release>
struct Releaser {
    template <typename Object>
    void operator()(Object* object) const noexcept {
        Release(object);
    }
};
using Library = std::unique_ptr<engine_library, Releaser<engine_library_release>>;
using Plan = std::unique_ptr<engine_plan, Releaser<engine_plan_release>>;
using Context = std::unique_ptr<engine_context, Releaser<engine_context_release>>;
using Blob = std::unique_ptr<engine_blob, Releaser<engine_blob_release>>;
using Stream = std::unique_ptr<void, Releaser<cudaStreamDestroy>>;
using Memory = std::unique_ptr<void, Releaser<cudaFree>>;

// Sets the program for a test, and the defaults after it. Builds take no time unless it says so.
class Programmed {
public:
    explicit Programmed(std::string const& text);
    ~Programmed();
    Programmed(Programmed const&) = delete;
};

// A file of a test, gone after it.
class ModelFile {
public:
    explicit ModelFile(std::string const& bytes);
    ~ModelFile();
    ModelFile(ModelFile const&) = delete;
    char const* path() const { return path_.c_str(); }

private:
    std::string path_;
};

engine_shape shapeOf(std::vector<int64_t> const& sizes);

// What a build was given and gave.
struct Build {
    std::vector<engine_profile_input> inputs; // smallModel's single profile of 1, 4 and 8 rows
    engine_build_options options{};
    std::string plan, timings, layers;

    Build();
    engine_status run(std::string const& model);
    engine_status runFromMemory(std::string const& model);

private:
    engine_status run();
};

Library openLibrary();
Plan load(std::string const& bytes);
engine_status loadStatus(std::string const& bytes);
std::string planOf(std::string const& model);
Context contextOf(Plan const& plan, int32_t profile = 0);
Stream makeStream();
Memory allocate(std::size_t bytes);

// A context of smallModel with memory for 8 rows.
struct SmallRun {
    Plan plan;
    Context context;
    Stream stream;
    Memory x, ids, y;

    explicit SmallRun(std::string const& bytes);
    void setRows(int64_t rows);
    void give(std::vector<float> const& values); // to x, and zeros to ids
    std::vector<float> take(int64_t rows);       // y
};

} // namespace pipeline::tests
