// The double as a library: what it says about itself.
#include "engine/library.h"

#include "engine_double.h"
#include "layout.h"

#include <string>

using namespace pipeline;
using namespace pipeline::simulation;

extern "C" engine_status engine_library_open(char const*, engine_library** library) {
    return guarded([&] {
        require(library != nullptr, "There is no place for the library.");
        currentProgram(); // One that is none is told here, where it can be.
        *library = new engine_library;
    });
}

extern "C" engine_status engine_library_version(engine_library* library, engine_version* version) {
    return guarded([&] {
        require(library != nullptr && version != nullptr, "There is no library or no place for the version.");
        *version = currentProgram()->version;
    });
}

extern "C" void engine_library_release(engine_library* library) {
    delete library;
}

extern "C" int64_t engine_double_live_objects(void) {
    return LiveObject::count();
}

#define TEXT_OF_STRUCT(type) text += std::string(#type " ") + std::to_string(sizeof(type)) + "\n";
#define TEXT_OF_MEMBER(type, member) text += std::string(#type "." #member " ") + std::to_string(offsetof(type, member)) + "\n";

extern "C" char const* engine_double_layout(void) {
    try {
        static std::string const layout = [] {
            std::string text;
            ENGINE_LAYOUT(TEXT_OF_STRUCT, TEXT_OF_MEMBER)
            return text;
        }();
        return layout.c_str();
    } catch (...) {
        return "";
    }
}
