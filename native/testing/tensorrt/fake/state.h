// What the test implementation of TensorRT is told to do, and what it saw. There is one of it, in the fake libnvinfer.
#pragma once

#include <NvInfer.h>
#include <NvOnnxParser.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace fake {

struct Tensor {
    std::string name;
    bool isInput;
    nvinfer1::DataType type;
    nvinfer1::Dims shape; // -1: free
    nvinfer1::TensorLocation location = nvinfer1::TensorLocation::kDEVICE;
};

struct ParserError {
    nvonnxparser::ErrorCode code;
    std::string text;
    int node = -1;
    std::string name{}, kind{};
};

struct Script {
    int32_t major = NV_TENSORRT_MAJOR, minor = NV_TENSORRT_MINOR, patch = NV_TENSORRT_PATCH, build = NV_TENSORRT_BUILD;
    std::set<std::string> broken; // methods that answer null, false or -1
    std::string error;            // what they log
    std::function<void()> plugins = [] {};

    std::vector<ParserError> parserErrors;
    std::function<void()> parserErrorText = [] {}; // before the text of an error is given

    // The middle of a build; false fails it.
    std::function<bool(nvinfer1::ILogger&, nvinfer1::IProgressMonitor&)> during;
    std::map<uint64_t, uint64_t> tactics; // by key, as this device would choose them
    bool stopsAtCacheMiss = true;
    bool heedsCache = true;

    std::vector<Tensor> tensors;
    std::vector<int64_t> profileBytes{1000};        // of device memory
    int64_t streamableBytes = 4096, budget = 4096; // of weights; what TensorRT would keep on the device
    std::vector<std::map<std::string, std::vector<nvinfer1::Dims>>> profiles{{}}; // smallest, typical, largest
    std::map<std::string, nvinfer1::Dims> inferred;                               // shapes of outputs once the inputs are set
    std::map<std::string, nvinfer1::Dims> given;                                  // those that a run finds
    std::map<std::string, uint64_t> bytes;                                        // that a run needs
};

struct Record {
    std::map<std::string, int> live;
    std::vector<std::string> violations; // of what must outlive what
    std::vector<std::string> calls;
    int builds = 0, mostBuilds = 0; // at once

    uint32_t networkFlags = 0, flags = 0;
    int32_t level = -1, iterations = -1;
    std::map<nvinfer1::MemoryPoolType, std::size_t> pools; // whose limits were set
    nvinfer1::ProfilingVerbosity verbosity = nvinfer1::ProfilingVerbosity::kLAYER_NAMES_ONLY;
    nvinfer1::HardwareCompatibilityLevel hardware = nvinfer1::HardwareCompatibilityLevel::kNONE;
    std::vector<std::map<std::string, nvinfer1::Dims>> profiles; // by "input minimum", "input typical", "input maximum"
    bool ignoresMismatch = false, isHostCodeAllowed = false;
    int64_t budget = -1; // -1: none was set
    std::string modelPath, model; // by its name, by its bytes
    std::map<std::string, void const*> addresses;
    std::map<std::string, nvinfer1::Dims> shapes;
};

struct State {
    std::recursive_mutex mutex;
    Script script;
    Record record;
};

extern "C" State& fakeState();

void call(std::string const& text);

// Whether the method is to fail; then it has logged why.
bool isBroken(char const* method, nvinfer1::ILogger* logger);

// Counts an object of TensorRT, and notices when one dies before what it made.
class Counted {
public:
    explicit Counted(char const* kind, Counted const* maker = nullptr);
    ~Counted();
    Counted(Counted const&) = delete;
    Counted& operator=(Counted const&) = delete;

private:
    using Count = std::shared_ptr<std::atomic<int>>;
    char const* kind_;
    Count made_ = std::make_shared<std::atomic<int>>(0);
    Count siblings_;
};

} // namespace fake
