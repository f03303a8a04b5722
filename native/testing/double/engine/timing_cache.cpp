#include "engine/timing_cache.h"

#include "failure.h"
#include "plan/digest.h"

#include <algorithm>

namespace pipeline::simulation {
namespace {

constexpr std::string_view kMagic = "PIPELINE-DOUBLE-TIMINGS\n";
constexpr std::size_t kBytesMaximum = std::size_t{4} << 20;
constexpr std::size_t kTimeDigits = 6;

bool isOperator(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool isTime(std::string_view text) {
    return text.size() == kTimeDigits && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Nanoseconds.
std::string timeOf(std::string const& kind) {
    Digest const digest = digestOf(kind);
    unsigned const time = 1000 + (digest[0] << 8 | digest[1]);
    std::string const text = std::to_string(time);
    return std::string(kTimeDigits - text.size(), '0') + text;
}

} // namespace

TimingCache::TimingCache(std::string_view bytes) {
    if (bytes.empty()) return;
    bool isGood = bytes.size() <= kBytesMaximum && bytes.substr(0, kMagic.size()) == kMagic && bytes.back() == '\n';
    std::string_view rest = isGood ? bytes.substr(kMagic.size()) : "";
    while (isGood && !rest.empty()) {
        std::string_view const line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() + 1);
        std::string_view const kind = line.substr(0, line.find(' '));
        isGood = kind.size() < line.size() && isOperator(kind) && isTime(line.substr(kind.size() + 1));
        if (isGood) timings_.emplace(kind, line.substr(kind.size() + 1));
    }
    require(isGood, "The timing cache is none of this TensorRT version.");
}

void TimingCache::cover(std::map<std::string, int32_t> const& operators, bool isReplay) {
    for (auto const& [kind, count] : operators) {
        if (timings_.count(kind) > 0) continue;
        if (isReplay) throw Failure(ENGINE_TIMING_CACHE_MISS, "The timing cache does not contain operator '" + kind + "'.");
        timings_.emplace(kind, timeOf(kind));
    }
}

std::string TimingCache::write() const {
    std::string text(kMagic);
    for (auto const& [kind, time] : timings_) text += kind + " " + time + "\n";
    return text;
}

} // namespace pipeline::simulation
