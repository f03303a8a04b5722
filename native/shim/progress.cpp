#include "progress.h"

namespace pipeline {

void Progress::phaseStart(char const* phase, char const* parent, int32_t steps) noexcept {
    try {
        std::lock_guard<std::mutex> lock(mutex_);
        phases_[phase] = {parent == nullptr ? "" : parent, steps};
    } catch (...) {
        return; // Untold rather than unbuilt.
    }
    tell(phase, 0);
}

bool Progress::stepComplete(char const* phase, int32_t step) noexcept {
    return tell(phase, step + 1);
}

void Progress::phaseFinish(char const* phase) noexcept {
    tell(phase, -1);
    try {
        std::lock_guard<std::mutex> lock(mutex_);
        phases_.erase(phase);
    } catch (...) {
    }
}

// done: -1 for all of them.
bool Progress::tell(char const* phase, int32_t done) noexcept {
    if (callback_ == nullptr) return true;
    try {
        Phase known{"", 0};
        {
            std::lock_guard<std::mutex> lock(mutex_);
            auto found = phases_.find(phase);
            if (found != phases_.end()) known = found->second;
        }
        char const* parent = known.parent.empty() ? nullptr : known.parent.c_str();
        if (callback_(state_, phase, parent, done < 0 ? known.steps : done, known.steps) == 0) isCancelled_ = true;
    } catch (...) {
    }
    return !isCancelled_;
}

} // namespace pipeline
