#pragma once

#include "library.h"

namespace pipeline {

// Reads the ONNX file, or its bytes, into the network; weights in files of their own lie beside the file. Throws ParseFailed or
// UnsupportedOperator with the node's name.
void parseModel(nvonnxparser::IParser& parser, engine_build_options const& options, Logger const& logger);

} // namespace pipeline
