// The CUDA functions: memory, order of work, clocks and graphs.
#include "check.h"
#include "engines.h"
#include "onnx_writer.h"

#include <cstring>
#include <thread>

using namespace pipeline::tests;

extern "C" {
int cudaMallocHost(void** address, std::size_t bytes);
int cudaFreeHost(void* address);
int cudaMemGetInfo(std::size_t* free, std::size_t* total);
int cudaMemsetAsync(void* address, int value, std::size_t bytes, void* stream);
int cudaEventCreateWithFlags(void** event, unsigned flags);
int cudaEventRecord(void* event, void* stream);
int cudaEventSynchronize(void* event);
int cudaEventElapsedTime(float* milliseconds, void* start, void* end);
int cudaEventDestroy(void* event);
int cudaStreamWaitEvent(void* stream, void* event, unsigned flags);
int cudaStreamBeginCapture(void* stream, int mode);
int cudaStreamEndCapture(void* stream, void** graph);
int cudaGraphInstantiate(void** executable, void* graph, unsigned long long flags);
int cudaGraphDestroy(void* graph);
int cudaGraphLaunch(void* executable, void* stream);
int cudaGraphExecDestroy(void* executable);
int cudaGetLastError(void);
char const* cudaGetErrorName(int status);
}

namespace {

using Event = std::unique_ptr<void, Releaser<cudaEventDestroy>>;
using Executable = std::unique_ptr<void, Releaser<cudaGraphExecDestroy>>;

Event makeEvent(unsigned flags = 0) {
    void* event = nullptr;
    CHECK_EQUAL(cudaEventCreateWithFlags(&event, flags), 0);
    return Event(event);
}

template <typename Body>
Executable capture(void* stream, Body body) {
    void *graph = nullptr, *executable = nullptr;
    CHECK_EQUAL(cudaStreamBeginCapture(stream, 1), 0);
    body();
    CHECK_EQUAL(cudaStreamEndCapture(stream, &graph), 0);
    CHECK_EQUAL(cudaGraphInstantiate(&executable, graph, 0), 0);
    CHECK_EQUAL(cudaGraphDestroy(graph), 0);
    return Executable(executable);
}

} // namespace

TEST(Cuda_Memory_IsCountedAndRunsOut) {
    Programmed const programmed("memory=1000");
    std::size_t free = 0, total = 0;
    Memory first = allocate(600);
    CHECK_EQUAL(cudaMemGetInfo(&free, &total), 0);
    CHECK_EQUAL(free, 400u);
    CHECK_EQUAL(total, 1000u);
    void* second = &free;
    CHECK_EQUAL(cudaMalloc(&second, 401), 2);
    CHECK(second == nullptr);
    CHECK_EQUAL(std::string(cudaGetErrorName(2)), "cudaErrorMemoryAllocation");
    CHECK_EQUAL(cudaGetLastError(), 2);
    CHECK_EQUAL(cudaGetLastError(), 0);
    first.reset();
    CHECK_EQUAL(cudaMalloc(&second, 1000), 0);
    CHECK_EQUAL(cudaFree(second), 0);
    CHECK_EQUAL(cudaFree(second), 1);
    CHECK_EQUAL(cudaFree(nullptr), 0);
}

TEST(Cuda_Copies_StayWithinTheirMemory) {
    Stream const stream = makeStream();
    Memory const memory = allocate(8);
    auto* const bytes = static_cast<char*>(memory.get());
    char host[16] = {};
    CHECK_EQUAL(cudaMemcpyAsync(bytes, host, 8, 1, stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(bytes + 4, host, 4, 1, stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(bytes + 4, host, 5, 1, stream.get()), 1);
    CHECK_EQUAL(cudaMemcpyAsync(host, bytes, 9, 2, stream.get()), 1);
    CHECK_EQUAL(cudaMemcpyAsync(host, host + 8, 8, 3, stream.get()), 1);
    CHECK_EQUAL(cudaMemcpyAsync(bytes, host, 8, 9, stream.get()), 1);
    CHECK_EQUAL(cudaMemsetAsync(bytes, 1, 9, stream.get()), 1);
    CHECK_EQUAL(cudaMemcpyAsync(bytes, host, 8, 1, nullptr), 400);
}

TEST(Cuda_Work_IsDoneWhenSomebodyWaits) {
    Stream const stream = makeStream();
    Memory const memory = allocate(8);
    char host[8] = {};
    CHECK_EQUAL(cudaMemsetAsync(memory.get(), 7, 8, stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(host, memory.get(), 8, 2, stream.get()), 0);
    CHECK_EQUAL(int(host[0]), 0);
    CHECK_EQUAL(cudaStreamSynchronize(stream.get()), 0);
    CHECK_EQUAL(int(host[7]), 7);
}

TEST(Cuda_Free_WaitsForWork) {
    Stream const stream = makeStream();
    Memory memory = allocate(8);
    char host[8] = {};
    CHECK_EQUAL(cudaMemsetAsync(memory.get(), 7, 8, stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(host, memory.get(), 8, 2, stream.get()), 0);
    memory.reset();
    CHECK_EQUAL(int(host[0]), 7);
    void* pinned = nullptr;
    CHECK_EQUAL(cudaMallocHost(&pinned, 8), 0);
    CHECK_EQUAL(cudaFreeHost(pinned), 0);
    CHECK_EQUAL(cudaFreeHost(pinned), 1);
}

TEST(Cuda_ManyWorks_AreDoneWithoutAWait) {
    Stream const stream = makeStream();
    Memory const memory = allocate(1);
    char host = 0;
    CHECK_EQUAL(cudaMemsetAsync(memory.get(), 1, 1, stream.get()), 0);
    for (int i = 0; i < 5000; i++) CHECK_EQUAL(cudaMemcpyAsync(&host, memory.get(), 1, 2, stream.get()), 0);
    CHECK_EQUAL(int(host), 1);
}

TEST(Cuda_Events_OrderStreamsAndTellTime) {
    Stream const first = makeStream(), second = makeStream();
    Event const start = makeEvent(), end = makeEvent();
    Memory const memory = allocate(1);
    char host = 0;
    float milliseconds = -1;
    CHECK_EQUAL(cudaEventElapsedTime(&milliseconds, start.get(), end.get()), 400);
    CHECK_EQUAL(cudaEventRecord(start.get(), first.get()), 0);
    CHECK_EQUAL(cudaMemsetAsync(memory.get(), 9, 1, first.get()), 0);
    CHECK_EQUAL(cudaEventRecord(end.get(), first.get()), 0);
    CHECK_EQUAL(cudaEventElapsedTime(&milliseconds, start.get(), end.get()), 600);
    CHECK_EQUAL(cudaStreamWaitEvent(second.get(), end.get(), 0), 0);
    CHECK_EQUAL(cudaMemcpyAsync(&host, memory.get(), 1, 2, second.get()), 0);
    CHECK_EQUAL(cudaStreamSynchronize(second.get()), 0);
    CHECK_EQUAL(int(host), 9);
    CHECK_EQUAL(cudaEventElapsedTime(&milliseconds, start.get(), end.get()), 0);
    CHECK(milliseconds >= 0);
    Event const untimed = makeEvent(2);
    CHECK_EQUAL(cudaEventRecord(untimed.get(), first.get()), 0);
    CHECK_EQUAL(cudaEventSynchronize(untimed.get()), 0);
    CHECK_EQUAL(cudaEventElapsedTime(&milliseconds, start.get(), untimed.get()), 400);
}

TEST(Cuda_EventSynchronize_DoesNoMoreThanItMust) {
    Stream const stream = makeStream();
    Event const event = makeEvent();
    Memory const memory = allocate(2);
    char host[2] = {};
    CHECK_EQUAL(cudaMemsetAsync(memory.get(), 5, 2, stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(host, memory.get(), 1, 2, stream.get()), 0);
    CHECK_EQUAL(cudaEventRecord(event.get(), stream.get()), 0);
    CHECK_EQUAL(cudaMemcpyAsync(host + 1, memory.get(), 1, 2, stream.get()), 0);
    CHECK_EQUAL(cudaEventSynchronize(event.get()), 0);
    CHECK_EQUAL(int(host[0]), 5);
    CHECK_EQUAL(int(host[1]), 0);
}

TEST(Cuda_Handles_ThatAreGone_AreTold) {
    void* stream = makeStream().release();
    CHECK_EQUAL(cudaStreamDestroy(stream), 0);
    CHECK_EQUAL(cudaStreamDestroy(stream), 400);
    CHECK_EQUAL(cudaStreamSynchronize(stream), 400);
    void* event = makeEvent().release();
    CHECK_EQUAL(cudaEventDestroy(event), 0);
    CHECK_EQUAL(cudaEventSynchronize(event), 400);
    CHECK_EQUAL(cudaGraphLaunch(event, stream), 400);
    CHECK_EQUAL(cudaGraphDestroy(event), 400);
}

TEST(Graph_Replay_GivesWhatTheRunGave) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    run.setRows(2);
    run.give({1, 2, 3, 4, 5, 6, 7, 8});
    CHECK_OK(engine_context_enqueue(run.context.get(), run.stream.get()));
    std::vector<float> const direct = run.take(2);
    Executable const graph = capture(run.stream.get(), [&] { CHECK_OK(engine_context_enqueue(run.context.get(), run.stream.get())); });
    run.give({8, 7, 6, 5, 4, 3, 2, 1});
    CHECK_EQUAL(cudaGraphLaunch(graph.get(), run.stream.get()), 0);
    CHECK(run.take(2) != direct);
    run.give({1, 2, 3, 4, 5, 6, 7, 8});
    CHECK_EQUAL(cudaGraphLaunch(graph.get(), run.stream.get()), 0);
    CHECK(run.take(2) == direct);
}

TEST(Graph_CaptureBeforeTheFirstRunOfItsShapes_Fails) {
    Programmed const programmed("");
    SmallRun run(planOf(smallModel()));
    CHECK_OK(engine_context_enqueue(run.context.get(), run.stream.get()));
    run.setRows(2);
    CHECK_EQUAL(cudaStreamBeginCapture(run.stream.get(), 1), 0);
    CHECK_REFUSED(engine_context_enqueue(run.context.get(), run.stream.get()), ENGINE_RUN_FAILED, "cannot be captured");
    void* graph = &run;
    CHECK_EQUAL(cudaStreamEndCapture(run.stream.get(), &graph), 901);
    CHECK(graph == nullptr);
    CHECK_OK(engine_context_enqueue(run.context.get(), run.stream.get()));
    CHECK_EQUAL(cudaStreamSynchronize(run.stream.get()), 0);
}

TEST(Graph_CallsThatCannotBeCaptured_SpoilTheCapture) {
    Stream const stream = makeStream();
    void *graph = nullptr, *memory = nullptr;
    CHECK_EQUAL(cudaStreamBeginCapture(stream.get(), 1), 0);
    CHECK_EQUAL(cudaMalloc(&memory, 8), 900);
    CHECK_EQUAL(cudaStreamEndCapture(stream.get(), &graph), 901);
    CHECK_EQUAL(cudaStreamBeginCapture(stream.get(), 1), 0);
    CHECK_EQUAL(cudaStreamSynchronize(stream.get()), 900);
    CHECK_EQUAL(cudaStreamEndCapture(stream.get(), &graph), 901);
    CHECK_EQUAL(cudaStreamEndCapture(stream.get(), &graph), 1);
}

TEST(Graph_OtherThreads_MayAllocateWhileOneCaptures) {
    Stream const stream = makeStream();
    void* graph = nullptr;
    int status = -1;
    CHECK_EQUAL(cudaStreamBeginCapture(stream.get(), 1), 0);
    std::thread([&] {
        void* memory = nullptr;
        status = cudaMalloc(&memory, 8);
        cudaFree(memory);
    }).join();
    CHECK_EQUAL(status, 0);
    CHECK_EQUAL(cudaStreamEndCapture(stream.get(), &graph), 0);
    CHECK_EQUAL(cudaGraphDestroy(graph), 0);
}

TEST(Threads_RunContextsAtOnce) {
    Programmed const programmed("");
    std::string const plan = planOf(smallModel());
    int64_t const before = engine_double_live_objects();
    std::vector<float> results[4];
    std::vector<std::thread> threads;
    for (auto& result : results) {
        threads.emplace_back([&] {
            for (int round = 0; round < 50; round++) {
                SmallRun run(plan);
                run.give({1, 2, 3, 4});
                if (engine_context_enqueue(run.context.get(), run.stream.get()) == ENGINE_OK) result = run.take(1);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(!results[0].empty());
    for (auto const& result : results) CHECK(result == results[0]);
    CHECK_EQUAL(engine_double_live_objects(), before);
}
