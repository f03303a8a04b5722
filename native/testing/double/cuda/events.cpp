// Events: moments in streams, by the host's clock.
#include "cuda/handles.h"

namespace {
using Clock = std::chrono::steady_clock;
constexpr unsigned kBlockingSync = 1, kDisableTiming = 2, kInterprocess = 4;
} // namespace

struct Event : pipeline::simulation::LiveObject {
    bool isTimed = true, isRecorded = false, isCaptured = false, hasHappened = false;
    std::weak_ptr<Stream> stream;
    uint64_t after = 0;     // the work of the stream that it comes with
    uint64_t recording = 0; // how often it was recorded: only the last counts
    Clock::time_point time;
};

namespace pipeline::simulation {
namespace {

Handles<Event>& events() {
    static auto* const all = new Handles<Event>;
    return *all;
}

} // namespace
} // namespace pipeline::simulation

using namespace pipeline::simulation;

CUDA_EXPORT int cudaEventCreateWithFlags(Event** event, unsigned flags) {
    return onDevice([&] {
        demand(event != nullptr && (flags & ~(kBlockingSync | kDisableTiming | kInterprocess)) == 0, CudaInvalidValue);
        auto made = std::make_shared<Event>();
        made->isTimed = (flags & kDisableTiming) == 0;
        *event = events().add(std::move(made));
    });
}

CUDA_EXPORT int cudaEventRecord(Event* handle, Stream* stream) {
    return onDevice([&] {
        std::shared_ptr<Event> const event = events().find(handle);
        event->isCaptured = isCapturing(stream);
        // Inside of a graph it orders branches, and a stream has none here.
        if (event->isCaptured) return;
        event->isRecorded = true;
        event->hasHappened = false;
        event->stream = streamOf(stream);
        event->after = streamOf(stream)->enqueued + 1;
        enqueue(stream, [event, recording = ++event->recording] {
            if (event->recording != recording) return;
            event->hasHappened = true;
            event->time = Clock::now();
        });
    });
}

CUDA_EXPORT int cudaEventSynchronize(Event* handle) {
    return onDevice([&] {
        std::shared_ptr<Event> const event = events().find(handle);
        demand(!event->isCaptured, CudaCapturedEvent);
        // A stream that is gone has done everything.
        if (std::shared_ptr<Stream> const stream = event->stream.lock()) finish(*stream, event->after);
    });
}

CUDA_EXPORT int cudaStreamWaitEvent(Stream* waiting, Event* handle, unsigned flags) {
    return onDevice([&] {
        demand(flags == 0, CudaInvalidValue);
        std::shared_ptr<Event> const event = events().find(handle);
        if (isCapturing(waiting)) {
            if (!event->isCaptured) invalidateCapture(waiting);
            demand(event->isCaptured, CudaCaptureIsolation);
            return;
        }
        demand(!event->isCaptured, CudaCapturedEvent);
        enqueue(waiting, [awaited = event->stream, after = event->after] {
            if (std::shared_ptr<Stream> const stream = awaited.lock()) finish(*stream, after);
        });
    });
}

CUDA_EXPORT int cudaEventElapsedTime(float* milliseconds, Event* start, Event* end) {
    return onDevice([&] {
        demand(milliseconds != nullptr, CudaInvalidValue);
        std::shared_ptr<Event> const first = events().find(start), last = events().find(end);
        for (std::shared_ptr<Event> const& event : {first, last}) {
            demand(event->isTimed && event->isRecorded && !event->isCaptured, CudaInvalidHandle);
            demand(event->hasHappened, CudaNotReady);
        }
        *milliseconds = std::chrono::duration<float, std::milli>(last->time - first->time).count();
    });
}

CUDA_EXPORT int cudaEventDestroy(Event* event) {
    return onDevice([&] { events().remove(event); });
}
