#pragma once

#include "library.h"

namespace pipeline {

// Reads the ONNX file into the network; weights in files of their own lie beside it. Throws ParseFailed or UnsupportedOperator with
// the node's name.
void parseModel(nvonnxparser::IParser& parser, char const* path, Logger const& logger);

} // namespace pipeline
