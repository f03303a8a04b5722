#include "causes.h"

#include <initializer_list>

namespace pipeline {
namespace {

struct Cause {
    engine_status status;
    std::initializer_list<char const*> texts;
};

Cause const kCauses[] = {
    {ENGINE_TIMING_CACHE_MISS, {"timing cache miss", "iming cache does not contain"}},
    {ENGINE_OUT_OF_MEMORY, {"out of memory", "OutOfMemory", "insufficient memory", "allocation failed"}},
};

// Every failed load ends with "Engine deserialization failed", so a corrupt plan is what remains.
Cause const kLoadCauses[] = {
    {ENGINE_PLAN_OTHER_DEVICE, {"incompatible device", "expecting compute"}},
    {ENGINE_PLAN_OTHER_VERSION,
     {"ersion tag does not match", "not compatible with this version", "expecting library version", "incompatible version"}},
};

template <std::size_t Count>
engine_status find(Cause const (&causes)[Count], std::string const& errors, engine_status otherwise) {
    for (Cause const& cause : causes) {
        for (char const* text : cause.texts) {
            if (errors.find(text) != std::string::npos) return cause.status;
        }
    }
    return otherwise;
}

} // namespace

engine_status causeOf(std::string const& errors, engine_status otherwise) {
    return find(kCauses, errors, otherwise);
}

engine_status causeOfLoad(std::string const& errors, engine_status otherwise) {
    return find(kLoadCauses, errors, causeOf(errors, otherwise));
}

} // namespace pipeline
