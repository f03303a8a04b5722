// Bytes that are handed out: held by whatever made them, so that they are copied nowhere.
#pragma once

#include "engine_abi.h"

#include <cstdint>
#include <memory>
#include <string>

struct engine_blob {
    std::shared_ptr<void const> owner;
    void const* data;
    std::uint64_t size;

    static engine_blob* of(std::string text) {
        auto held = std::make_shared<std::string const>(std::move(text));
        return new engine_blob{held, held->data(), held->size()};
    }
};
