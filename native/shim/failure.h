// How a call fails: a status for programs and a sentence for people. No exception leaves the library.
#pragma once

#include "engine_abi.h"

#include <cstddef>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace pipeline {

class Failure : public std::exception {
public:
    Failure(engine_status status, std::string message) : status_(status), message_(std::move(message)) {}
    engine_status status() const noexcept { return status_; }
    char const* what() const noexcept override { return message_.c_str(); }

private:
    engine_status status_;
    std::string message_;
};

// How many bytes of an UTF-8 text fit, without a part of a character.
std::size_t lengthWithin(char const* text, std::size_t maximum) noexcept;

// The sentence of this thread's last call.
void setLastError(char const* message) noexcept;

// The body of every export: turns whatever is thrown into a status and a sentence.
template <typename Body>
engine_status guarded(Body&& body) noexcept {
    try {
        setLastError("");
        body();
        return ENGINE_OK;
    } catch (Failure const& failure) {
        setLastError(failure.what());
        return failure.status();
    } catch (std::bad_alloc const&) {
        setLastError("The process has no memory left.");
        return ENGINE_OUT_OF_MEMORY;
    } catch (std::exception const& unexpected) {
        setLastError(unexpected.what());
        return ENGINE_INTERNAL;
    } catch (...) {
        setLastError("An exception of unknown type was thrown.");
        return ENGINE_INTERNAL;
    }
}

inline void require(bool holds, char const* sentence) {
    if (!holds) throw Failure(ENGINE_INVALID_ARGUMENT, sentence);
}

} // namespace pipeline
