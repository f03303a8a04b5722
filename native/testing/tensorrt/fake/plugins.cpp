#include "state.h"

extern "C" bool initLibNvInferPlugins(void*, char const*) {
    fake::call("initLibNvInferPlugins");
    fake::fakeState().script.plugins();
    return true;
}
