namespace Pipeline.Engines.Cuda;

/// <summary>cudaMemcpyKind.</summary>
internal enum CopyKind
{
    HostToDevice = 1,
    DeviceToHost = 2,
    DeviceToDevice = 3,
}
