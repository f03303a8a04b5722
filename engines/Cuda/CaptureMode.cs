namespace Pipeline.Engines.Cuda;

/// <summary>cudaStreamCaptureMode: only what this thread does is captured and refused.</summary>
internal enum CaptureMode
{
    ThreadLocal = 1,
}
