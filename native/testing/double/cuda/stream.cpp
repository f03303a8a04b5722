#include "cuda/stream.h"

#include "cuda/handles.h"

namespace pipeline::simulation {
namespace {

constexpr std::size_t kPendingMaximum = 1024; // More makes the caller wait, as on a GPU.
constexpr int kRelaxed = 2;                   // cudaStreamCaptureMode

Handles<Stream>& streams() {
    static auto* const all = new Handles<Stream>;
    return *all;
}

} // namespace

std::shared_ptr<Stream> streamOf(Stream* handle) {
    return streams().find(handle);
}

void enqueue(Stream* handle, Work work) {
    std::shared_ptr<Stream> const stream = streamOf(handle);
    if (stream->capture != nullptr) {
        demand(!stream->capture->isInvalid, CudaCaptureInvalidated);
        stream->capture->graph->works.push_back(std::move(work));
        return;
    }
    stream->pending.push_back(std::move(work));
    stream->enqueued++;
    if (stream->pending.size() > kPendingMaximum) finish(*stream, stream->done + 1);
}

void finish(Stream& stream, uint64_t until) {
    while (stream.done < until && !stream.pending.empty()) {
        Work const work = std::move(stream.pending.front());
        stream.pending.pop_front();
        stream.done++;
        work();
    }
}

void finishAll() {
    for (std::shared_ptr<Stream> const& stream : streams().all()) finish(*stream, stream->enqueued);
}

bool isCapturing(Stream* stream) {
    return streamOf(stream)->capture != nullptr;
}

void invalidateCapture(Stream* stream) {
    std::shared_ptr<Stream> const found = streamOf(stream);
    if (found->capture != nullptr) found->capture->isInvalid = true;
}

void demandNoCapture() {
    bool isFree = true;
    for (std::shared_ptr<Stream> const& stream : streams().all()) {
        Capture* const capture = stream->capture.get();
        if (capture == nullptr || capture->mode == kRelaxed || capture->thread != std::this_thread::get_id()) continue;
        capture->isInvalid = true;
        isFree = false;
    }
    demand(isFree, CudaCaptureUnsupported);
}

} // namespace pipeline::simulation

using namespace pipeline::simulation;

CUDA_EXPORT int cudaStreamCreateWithFlags(Stream** stream, unsigned flags) {
    return onDevice([&] {
        demand(stream != nullptr && flags <= 1, CudaInvalidValue);
        *stream = streams().add(std::make_shared<Stream>());
    });
}

CUDA_EXPORT int cudaStreamSynchronize(Stream* handle) {
    return onDevice([&] {
        std::shared_ptr<Stream> const stream = streamOf(handle);
        if (stream->capture != nullptr) stream->capture->isInvalid = true;
        demand(stream->capture == nullptr, CudaCaptureUnsupported);
        finish(*stream, stream->enqueued);
    });
}

CUDA_EXPORT int cudaStreamDestroy(Stream* handle) {
    return onDevice([&] {
        std::shared_ptr<Stream> const stream = streams().remove(handle);
        finish(*stream, stream->enqueued);
    });
}

CUDA_EXPORT int cudaStreamBeginCapture(Stream* handle, int mode) {
    return onDevice([&] {
        std::shared_ptr<Stream> const stream = streamOf(handle);
        demand(mode >= 0 && mode <= kRelaxed && stream->capture == nullptr, CudaInvalidValue);
        stream->capture = std::make_unique<Capture>();
        stream->capture->mode = mode;
        stream->capture->thread = std::this_thread::get_id();
    });
}

CUDA_EXPORT int cudaStreamEndCapture(Stream* handle, Graph** graph) {
    return onDevice([&] {
        demand(graph != nullptr, CudaInvalidValue);
        *graph = nullptr;
        std::shared_ptr<Stream> const stream = streamOf(handle);
        demand(stream->capture != nullptr, CudaInvalidValue);
        bool const isThread = stream->capture->mode == kRelaxed || stream->capture->thread == std::this_thread::get_id();
        demand(isThread, CudaCaptureWrongThread);
        std::unique_ptr<Capture> const capture = std::move(stream->capture);
        demand(!capture->isInvalid, CudaCaptureInvalidated);
        *graph = graphs().add(std::move(capture->graph));
    });
}
