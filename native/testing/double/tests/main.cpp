// Runs the tests that are named, or all.
#include "check.h"

#include <cstdio>

namespace pipeline::tests {

std::map<std::string, std::function<void()>>& all() {
    static std::map<std::string, std::function<void()>> tests;
    return tests;
}

} // namespace pipeline::tests

int main(int count, char** arguments) {
    using pipeline::tests::all;
    int failed = 0, ran = 0;
    for (auto const& [name, body] : all()) {
        bool isNamed = count == 1;
        for (int i = 1; i < count; i++) isNamed = isNamed || name == arguments[i];
        if (!isNamed) continue;
        ran++;
        try {
            body();
        } catch (std::exception const& error) {
            std::printf("%s\n", error.what());
            failed++;
        }
    }
    if (ran == 0) std::printf("No test has this name.\n");
    return failed == 0 && ran > 0 ? 0 : 1;
}
