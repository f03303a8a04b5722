// Graphs: what a stream recorded, done whole.
#include "cuda/handles.h"

// An instantiated graph keeps what it needs of the graph that it came from.
struct GraphExecutable : pipeline::simulation::LiveObject {
    std::vector<Work> works;
};

namespace pipeline::simulation {
namespace {

Handles<GraphExecutable>& executables() {
    static auto* const all = new Handles<GraphExecutable>;
    return *all;
}

} // namespace

Handles<Graph>& graphs() {
    static auto* const all = new Handles<Graph>;
    return *all;
}

} // namespace pipeline::simulation

using namespace pipeline::simulation;

CUDA_EXPORT int cudaGraphInstantiate(GraphExecutable** executable, Graph* graph, unsigned long long) {
    return onDevice([&] {
        demand(executable != nullptr, CudaInvalidValue);
        auto made = std::make_shared<GraphExecutable>();
        made->works = graphs().find(graph)->works;
        *executable = executables().add(std::move(made));
    });
}

CUDA_EXPORT int cudaGraphDestroy(Graph* graph) {
    return onDevice([&] { graphs().remove(graph); });
}

CUDA_EXPORT int cudaGraphLaunch(GraphExecutable* executable, Stream* stream) {
    return onDevice([&] {
        std::shared_ptr<GraphExecutable> const launched = executables().find(executable);
        enqueue(stream, [launched] {
            for (Work const& work : launched->works) work();
        });
    });
}

CUDA_EXPORT int cudaGraphExecDestroy(GraphExecutable* executable) {
    return onDevice([&] { executables().remove(executable); });
}
