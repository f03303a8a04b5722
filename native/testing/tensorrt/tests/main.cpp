#include "check.h"
#include "shim.h"

#include <algorithm>
#include <cstdio>

namespace test {
namespace {
int failures = 0;
char const* current = "";
} // namespace

std::vector<Test>& all() {
    static std::vector<Test> tests;
    return tests;
}

void fail(std::string const& what, char const* file, int line) {
    ++failures;
    std::fprintf(stderr, "%s: %s (%s:%d)\n", current, what.c_str(), file, line);
}

// Whatever a test did, everything that TensorRT made is freed after it, once, in an order that TensorRT allows.
static void checkNothingIsLeft() {
    fake::Record const& record = tensorrt().record;
    for (auto const& [kind, count] : record.live) {
        if (count != 0) fail(std::to_string(count) + " of " + kind + " are left", __FILE__, __LINE__);
    }
    for (std::string const& violation : record.violations) fail(violation, __FILE__, __LINE__);
}

} // namespace test

int main(int count, char** arguments) {
    int run = 0;
    for (test::Test const& test : test::all()) {
        if (count > 1 && std::strcmp(arguments[1], test.group) != 0) continue;
        test::current = test.name;
        test::openTensorRt();
        test.body();
        test::checkNothingIsLeft();
        test::closeTensorRt();
        ++run;
    }
    if (run == 0) std::fprintf(stderr, "There is no such test.\n");
    if (run == 0 || test::failures > 0) return 1;
    std::printf("%s: %d tests pass\n", count > 1 ? arguments[1] : "all", run);
    return 0;
}
