// What bench/Gpu/CudaBandwidth.cs measures, without .NET: GB/s from pinned memory to the device, and back.
#include <cstdio>
#include <cuda_runtime.h>

static const size_t kBytes = 256u << 20;
static const int kCopies = 20;

#define CHECK(call) \
    if ((call) != cudaSuccess) { \
        std::fprintf(stderr, "%s failed\n", #call); \
        return 1; \
    }

static int measure(void* to, void* from, cudaMemcpyKind kind, cudaStream_t stream, double* gigabytes) {
    cudaEvent_t start, end;
    CHECK(cudaEventCreateWithFlags(&start, cudaEventBlockingSync));
    CHECK(cudaEventCreateWithFlags(&end, cudaEventBlockingSync));
    CHECK(cudaMemcpyAsync(to, from, kBytes, kind, stream));
    CHECK(cudaEventRecord(start, stream));
    for (int i = 0; i < kCopies; i++) CHECK(cudaMemcpyAsync(to, from, kBytes, kind, stream));
    CHECK(cudaEventRecord(end, stream));
    CHECK(cudaEventSynchronize(end));
    float milliseconds = 0;
    CHECK(cudaEventElapsedTime(&milliseconds, start, end));
    *gigabytes = double(kBytes) * kCopies / milliseconds / 1e6;
    return 0;
}

int main() {
    cudaStream_t stream;
    void *host, *device;
    double toDevice = 0, toHost = 0;
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    CHECK(cudaMallocHost(&host, kBytes));
    CHECK(cudaMalloc(&device, kBytes));
    if (measure(device, host, cudaMemcpyHostToDevice, stream, &toDevice) != 0) return 1;
    if (measure(host, device, cudaMemcpyDeviceToHost, stream, &toHost) != 0) return 1;
    std::printf("%.3f %.3f\n", toDevice, toHost);
    return 0;
}
