// A text that is handed out as a blob, and counted while it is held.
#pragma once

#include "blob.h"
#include "live_objects.h"

namespace pipeline::simulation {

inline std::unique_ptr<engine_blob> blobOf(std::string text) {
    struct Held : LiveObject {
        explicit Held(std::string bytes) : bytes(std::move(bytes)) {}
        std::string bytes;
    };
    auto held = std::make_shared<Held const>(std::move(text));
    return std::unique_ptr<engine_blob>(new engine_blob{held, held->bytes.data(), held->bytes.size()});
}

} // namespace pipeline::simulation
