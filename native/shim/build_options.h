// What a build is asked for, put to TensorRT; what its version cannot do is refused rather than ignored.
#pragma once

#include "library.h"

namespace pipeline {

// Throws InvalidArgument for options that are no options.
void check(engine_build_options const& options);

void addProfiles(
    engine_build_options const& options, nvinfer1::IBuilder& builder, nvinfer1::INetworkDefinition& network,
    nvinfer1::IBuilderConfig& config);

void applyOptions(Library const& library, engine_build_options const& options, nvinfer1::IBuilderConfig& config);

} // namespace pipeline
