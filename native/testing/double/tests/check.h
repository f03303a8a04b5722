// A test is a function that throws when something does not hold. CMake lists them by the lines that begin with TEST.
#pragma once

#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>

namespace pipeline::tests {

std::map<std::string, std::function<void()>>& all();

struct Registration {
    Registration(char const* name, std::function<void()> body) { all().emplace(name, std::move(body)); }
};

[[noreturn]] inline void fail(char const* file, int line, std::string const& what) {
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

template <typename Left, typename Right>
void checkEqual(Left const& left, Right const& right, char const* text, char const* file, int line) {
    if (left == right) return;
    std::ostringstream what;
    what << text << ": '" << left << "' is not '" << right << "'";
    fail(file, line, what.str());
}

inline void checkContains(std::string const& text, std::string const& part, char const* file, int line) {
    if (text.find(part) == std::string::npos) fail(file, line, "'" + text + "' does not say '" + part + "'");
}

} // namespace pipeline::tests

#define TEST(name) \
    static void name(); \
    static pipeline::tests::Registration const registration_##name(#name, name); \
    static void name()
#define CHECK(condition) \
    do { \
        if (!(condition)) pipeline::tests::fail(__FILE__, __LINE__, #condition " does not hold"); \
    } while (false)
#define CHECK_EQUAL(left, right) pipeline::tests::checkEqual(left, right, #left, __FILE__, __LINE__)
#define CHECK_CONTAINS(text, part) pipeline::tests::checkContains(text, part, __FILE__, __LINE__)
#define CHECK_OK(call) \
    do { \
        auto const status_ = (call); \
        if (status_ != 0) \
            pipeline::tests::fail(__FILE__, __LINE__, #call " gave " + std::to_string(status_) + ": " + engine_last_error()); \
    } while (false)
// The status and a part of the sentence.
#define CHECK_REFUSED(call, status, part) \
    do { \
        CHECK_EQUAL(int(call), int(status)); \
        CHECK_CONTAINS(engine_last_error(), part); \
    } while (false)
