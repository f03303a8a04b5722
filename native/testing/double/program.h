// What the double was told to be (engine_double.h).
#pragma once

#include "failure.h"

#include <memory>
#include <string>

namespace pipeline::simulation {

enum class Fault {
    None,
    ParseError,
    UnsupportedOperator,
    BuildFailed,
    OutOfMemory,
    TimingCacheMiss,
    Crash,
    Hang,
    CorruptPlan,
    LoadCrash,
    OtherVersion,
    OtherDevice,
    ContextMemory,
    RunFailed,
};

struct Device {
    bool isPresent = true;
    int32_t major = 9, minor = 0;
    std::string product = "double";

    std::string name() const { return product.empty() ? "Simulated GPU" : "Simulated " + product; }
};

struct Program {
    engine_version version{11, 1, 0, 106, 1, 0};
    Device device;
    uint64_t memoryBytes = 17179869184;
    int32_t cuda = 13000, driver = 13000; // as CUDA writes versions: 13020 is 13.2
    double buildSeconds = 0.2;
    Fault fault = Fault::None;
};

// Throws InvalidArgument with a sentence.
Program parseProgram(std::string const& text);

// The program now; it stays as it is while it is held. Throws InvalidArgument when PIPELINE_DOUBLE is none.
std::shared_ptr<Program const> currentProgram();

} // namespace pipeline::simulation
