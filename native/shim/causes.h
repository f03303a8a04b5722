// What TensorRT's messages say about why a call failed. It has no codes for these; the texts are those of 10.x and 11.x.
#pragma once

#include "engine_abi.h"

#include <string>

namespace pipeline {

// For builds and runs.
engine_status causeOf(std::string const& errors, engine_status otherwise);

// For plans: a build that reads an old timing cache gives the same messages, and means something else.
engine_status causeOfLoad(std::string const& errors, engine_status otherwise);

} // namespace pipeline
