// Streams, events and graphs of the simulated GPU. Work that is enqueued is done when somebody waits for it, not before: whoever forgets
// to wait finds nothing. There is no default stream: whoever uses it is told.
#pragma once

#include "cuda/call.h"
#include "live_objects.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

using Work = std::function<void()>;

struct Graph : pipeline::simulation::LiveObject {
    std::vector<Work> works;
};

struct Capture {
    int mode = 0;
    bool isInvalid = false;
    std::thread::id thread;
    std::unique_ptr<Graph> graph = std::make_unique<Graph>();
};

struct Stream : pipeline::simulation::LiveObject {
    std::deque<Work> pending;
    uint64_t enqueued = 0, done = 0; // works so far
    std::unique_ptr<Capture> capture; // while it records instead of working
};

namespace pipeline::simulation {

// All of these throw CudaError, and are called under lockDevice or take it.

// The stream of a handle that is one.
std::shared_ptr<Stream> streamOf(Stream* handle);

// Behind everything that is in the stream, or into the graph that it records.
void enqueue(Stream* stream, Work work);

// Does the works of a stream up to this one.
void finish(Stream& stream, uint64_t until);
void finishAll();

bool isCapturing(Stream* stream);
void invalidateCapture(Stream* stream);

// Fails, and the capture with it, while this thread captures: what is called cannot be recorded.
void demandNoCapture();

} // namespace pipeline::simulation
