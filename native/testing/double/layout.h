/* Sizes and offsets of engine_abi.h's structs, for a reader in another language: the double tells them, a C99 and a C++17 test compare. */
#ifndef PIPELINE_ENGINE_DOUBLE_LAYOUT_H
#define PIPELINE_ENGINE_DOUBLE_LAYOUT_H

#include "engine_abi.h"

#include <stddef.h>

/* STRUCT(name) and MEMBER(name, member), in the order of the header. */
#define ENGINE_LAYOUT(STRUCT, MEMBER) \
    STRUCT(engine_shape) \
    MEMBER(engine_shape, count) \
    MEMBER(engine_shape, reserved) \
    MEMBER(engine_shape, values) \
    STRUCT(engine_profile_input) \
    MEMBER(engine_profile_input, profile) \
    MEMBER(engine_profile_input, reserved) \
    MEMBER(engine_profile_input, input) \
    MEMBER(engine_profile_input, minimum) \
    MEMBER(engine_profile_input, typical) \
    MEMBER(engine_profile_input, maximum) \
    STRUCT(engine_version) \
    MEMBER(engine_version, major) \
    MEMBER(engine_version, minor) \
    MEMBER(engine_version, patch) \
    MEMBER(engine_version, build) \
    MEMBER(engine_version, is_simulated) \
    MEMBER(engine_version, reserved) \
    STRUCT(engine_build_options) \
    MEMBER(engine_build_options, size) \
    MEMBER(engine_build_options, flags) \
    MEMBER(engine_build_options, model_path) \
    MEMBER(engine_build_options, inputs) \
    MEMBER(engine_build_options, input_count) \
    MEMBER(engine_build_options, profile_count) \
    MEMBER(engine_build_options, workspace_bytes) \
    MEMBER(engine_build_options, optimization_level) \
    MEMBER(engine_build_options, hardware_compatibility) \
    MEMBER(engine_build_options, timing_cache) \
    MEMBER(engine_build_options, timing_cache_bytes) \
    MEMBER(engine_build_options, log) \
    MEMBER(engine_build_options, progress) \
    MEMBER(engine_build_options, state) \
    MEMBER(engine_build_options, model) \
    MEMBER(engine_build_options, model_bytes) \
    MEMBER(engine_build_options, tactic_dram_bytes) \
    MEMBER(engine_build_options, tactic_shared_memory_bytes) \
    STRUCT(engine_tensor) \
    MEMBER(engine_tensor, name) \
    MEMBER(engine_tensor, type) \
    MEMBER(engine_tensor, is_input) \
    MEMBER(engine_tensor, is_on_host) \
    MEMBER(engine_tensor, reserved) \
    MEMBER(engine_tensor, shape)

#endif
