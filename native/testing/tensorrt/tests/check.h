// A test is a function; a check that fails is told and counted, and the test goes on.
#pragma once

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace test {

struct Test {
    char const* group;
    char const* name;
    void (*body)();
};

std::vector<Test>& all();

struct Registered {
    Registered(char const* group, char const* name, void (*body)()) { all().push_back({group, name, body}); }
};

void fail(std::string const& what, char const* file, int line);

template <typename Expected, typename Actual>
void equal(Expected const& expected, Actual const& actual, char const* text, char const* file, int line) {
    if (expected == actual) return;
    std::ostringstream what;
    what << text << " is " << actual << ", not " << expected;
    fail(what.str(), file, line);
}

inline void contains(std::string const& part, std::string const& text, char const* file, int line) {
    if (text.find(part) == std::string::npos) fail("'" + part + "' is not in '" + text + "'", file, line);
}

} // namespace test

#define TEST(group, name) \
    static void group##_##name(); \
    static test::Registered const registered_##group##_##name(#group, #name, group##_##name); \
    static void group##_##name()

#define CHECK(condition) \
    if (!(condition)) test::fail(#condition, __FILE__, __LINE__)
#define CHECK_EQUAL(expected, actual) test::equal(expected, actual, #actual, __FILE__, __LINE__)
#define CHECK_HAS(part, text) test::contains(part, text, __FILE__, __LINE__)
