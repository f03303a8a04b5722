// How a build passes its time: a phase for each operator within the whole, told, and cancellable many times a second.
#pragma once

#include "engine_abi.h"

#include <functional>
#include <map>
#include <string>

namespace pipeline::simulation {

class BuildProgress {
public:
    BuildProgress(engine_build_options const& options, double seconds) : options_(options), seconds_(seconds) {}

    // Throws Cancelled when the caller says so, and what halfway throws.
    void spend(std::map<std::string, int32_t> const& operators, int32_t nodes, std::function<void()> const& halfway) const;

private:
    void tell(std::string const& phase, char const* parent, int32_t done, int32_t steps) const;
    void step(std::string const& phase, int32_t done, int32_t steps, double seconds) const;

    engine_build_options const& options_;
    double seconds_;
};

} // namespace pipeline::simulation
