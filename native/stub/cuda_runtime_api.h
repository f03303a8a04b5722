// The two CUDA types that TensorRT's headers name, for machines without the CUDA toolkit. The shim calls no CUDA function.
#pragma once
typedef struct CUstream_st* cudaStream_t;
typedef struct CUevent_st* cudaEvent_t;
