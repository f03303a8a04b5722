#include "engine/build_progress.h"

#include "failure.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace pipeline::simulation {
namespace {
constexpr char kWhole[] = "Building engine";
constexpr double kSecondsBetweenLooks = 0.02;
} // namespace

void BuildProgress::tell(std::string const& phase, char const* parent, int32_t done, int32_t steps) const {
    if (options_.progress == nullptr) return;
    if (options_.progress(options_.state, phase.c_str(), parent, done, steps) == 0)
        throw Failure(ENGINE_CANCELLED, "The build was cancelled.");
}

// A step that takes longer is told again while it lasts, so that it can be cancelled.
void BuildProgress::step(std::string const& phase, int32_t done, int32_t steps, double seconds) const {
    for (double left = seconds; left > 0; left -= kSecondsBetweenLooks) {
        std::this_thread::sleep_for(std::chrono::duration<double>(std::min(left, kSecondsBetweenLooks)));
        if (left > kSecondsBetweenLooks) tell(phase, kWhole, done, steps);
    }
}

void BuildProgress::spend(std::map<std::string, int32_t> const& operators, int32_t nodes, std::function<void()> const& halfway) const {
    auto const phases = static_cast<int32_t>(operators.size());
    int32_t finished = 0, begun = 0;
    tell(kWhole, nullptr, 0, phases);
    for (auto const& [kind, count] : operators) {
        std::string const phase = "Timing " + kind;
        tell(phase, kWhole, 0, count);
        for (int32_t i = 0; i < count; i++) {
            if (begun++ == nodes / 2) halfway();
            step(phase, i, count, seconds_ / nodes);
            tell(phase, kWhole, i + 1, count);
        }
        tell(kWhole, nullptr, ++finished, phases);
    }
}

} // namespace pipeline::simulation
