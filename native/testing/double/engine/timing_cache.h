// The timings of tactics: a text with a line for each operator and its time, which is made up and always the same.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace pipeline::simulation {

class TimingCache {
public:
    // Throws InvalidArgument for bytes that are none. No bytes are an empty cache.
    explicit TimingCache(std::string_view bytes);

    // Adds what is missing. In a replay it throws TimingCacheMiss instead.
    void cover(std::map<std::string, int32_t> const& operators, bool isReplay);

    std::string write() const;

private:
    std::map<std::string, std::string> timings_;
};

} // namespace pipeline::simulation
