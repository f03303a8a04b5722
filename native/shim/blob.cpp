#include "blob.h"

extern "C" void const* engine_blob_data(engine_blob const* blob) {
    return blob->data;
}

extern "C" uint64_t engine_blob_bytes(engine_blob const* blob) {
    return blob->size;
}

extern "C" void engine_blob_release(engine_blob* blob) {
    delete blob;
}
