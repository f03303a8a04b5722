namespace Pipeline.Engines;

/// <summary>Memory of a device, in bytes, as its driver tells it now: other processes take of it too.</summary>
public readonly record struct DeviceMemoryState(long FreeBytes, long TotalBytes);
