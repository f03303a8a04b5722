// The text that programs the double.
#include "check.h"
#include "engines.h"

#include <cstdlib>

using namespace pipeline::tests;

extern "C" {
int cuInit(unsigned flags);
int cuDeviceGetCount(int* count);
int cuDeviceGetName(char* name, int length, int device);
int cuDeviceGetAttribute(int* value, int attribute, int device);
int cuDeviceTotalMem_v2(std::size_t* bytes, int device);
int cuDeviceGetUuid_v2(unsigned char* uuid, int device);
int cudaRuntimeGetVersion(int* version);
int cudaDriverGetVersion(int* version);
int cudaSetDevice(int device);
}

namespace {

engine_version version() {
    engine_version version{};
    CHECK_OK(engine_library_version(openLibrary().get(), &version));
    return version;
}

std::string deviceName() {
    char name[64];
    CHECK_EQUAL(cuDeviceGetName(name, sizeof(name), 0), 0);
    return name;
}

} // namespace

TEST(Program_Default_IsAVersionThatSaysThatItIsSimulated) {
    CHECK_OK(engine_double_program(""));
    CHECK_EQUAL(version().major, 11);
    CHECK_EQUAL(version().build, 106);
    CHECK_EQUAL(version().is_simulated, 1);
}

TEST(Program_Version_IsTold) {
    Programmed const programmed("version=10.16.2.9");
    CHECK_EQUAL(version().major, 10);
    CHECK_EQUAL(version().minor, 16);
    CHECK_EQUAL(version().patch, 2);
    CHECK_EQUAL(version().build, 9);
    CHECK_EQUAL(version().is_simulated, 1);
}

TEST(Program_Device_IsWhatCudaTells) {
    Programmed const programmed("device=sm_75-t4; memory=1000; cuda=12.8; driver=13.2");
    int value = 0;
    std::size_t bytes = 0;
    CHECK_EQUAL(cuInit(0), 0);
    CHECK_EQUAL(deviceName(), "Simulated t4");
    CHECK_EQUAL(cuDeviceGetAttribute(&value, 75, 0), 0);
    CHECK_EQUAL(value, 7);
    CHECK_EQUAL(cuDeviceGetAttribute(&value, 76, 0), 0);
    CHECK_EQUAL(value, 5);
    CHECK_EQUAL(cuDeviceTotalMem_v2(&bytes, 0), 0);
    CHECK_EQUAL(bytes, 1000u);
    CHECK_EQUAL(cudaRuntimeGetVersion(&value), 0);
    CHECK_EQUAL(value, 12080);
    CHECK_EQUAL(cudaDriverGetVersion(&value), 0);
    CHECK_EQUAL(value, 13020);
}

TEST(Program_DeviceWithoutProduct_IsCalledGpu) {
    Programmed const programmed("device=sm_120");
    int value = 0;
    CHECK_EQUAL(deviceName(), "Simulated GPU");
    CHECK_EQUAL(cuDeviceGetAttribute(&value, 75, 0), 0);
    CHECK_EQUAL(value, 12);
}

TEST(Program_NoDevice_HasNone) {
    Programmed const programmed("device=none");
    int count = -1;
    CHECK_EQUAL(cuInit(0), 100);
    CHECK_EQUAL(cuDeviceGetCount(&count), 0);
    CHECK_EQUAL(count, 0);
    CHECK_EQUAL(cudaSetDevice(0), 100);
}

TEST(Program_DriverOlderThanRuntime_RefusesTheDevice) {
    Programmed const programmed("cuda=13.0;driver=12.9");
    CHECK_EQUAL(cudaSetDevice(0), 35);
}

TEST(Program_SecondDevice_IsNone) {
    CHECK_EQUAL(cudaSetDevice(0), 0);
    CHECK_EQUAL(cudaSetDevice(1), 101);
}

TEST(Program_Uuid_IsOfTheDevice) {
    unsigned char first[16], again[16], other[16];
    {
        Programmed const programmed("device=sm_75-t4");
        CHECK_EQUAL(cuDeviceGetUuid_v2(first, 0), 0);
        CHECK_EQUAL(cuDeviceGetUuid_v2(again, 0), 0);
    }
    CHECK_EQUAL(cuDeviceGetUuid_v2(other, 0), 0);
    CHECK(std::equal(first, first + 16, again));
    CHECK(!std::equal(first, first + 16, other));
}

TEST(Program_BadTexts_AreRefusedWithASentenceAndChangeNothing) {
    Programmed const programmed("version=10.9.0.34");
    char const* const bad[] = {"x",          "version",       "version=11",     "version=a.b.c.d", "version=11.1.0.106.2",
                               "device=gpu", "device=sm_",    "device=sm_9x",   "device=sm_75-",   "memory=-1",
                               "memory=0",   "memory=many",   "cuda=13",        "driver=13.x",     "build_seconds=-1",
                               "fault=",     "fault=unknown", "build_seconds=", "colour=red",      "memory=1;memory=2",
                               "=",          "memory=99999999999999999999999",  "build_seconds=nan"};
    for (char const* text : bad) CHECK_REFUSED(engine_double_program(text), ENGINE_INVALID_ARGUMENT, "The double's program ");
    CHECK_REFUSED(engine_double_program(nullptr), ENGINE_INVALID_ARGUMENT, "no program");
    CHECK_REFUSED(engine_double_program(std::string(5000, ' ').c_str()), ENGINE_INVALID_ARGUMENT, "longer");
    CHECK_EQUAL(version().major, 10);
}

TEST(Program_EmptyPairs_AreNothing) {
    CHECK_OK(engine_double_program(";; fault=none ; ;"));
    CHECK_OK(engine_double_program(""));
}
