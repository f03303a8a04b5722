using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Core.Policies;
using Pipeline.Edge.Batching;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Testing;

namespace Pipeline.Edge.Tests.Support;

/// <summary>Real engines of ONNX Runtime, built once for all tests.</summary>
internal static class TestEngines
{
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> Built = new();

    public static IEngineBackend Backend { get; } = new OnnxRuntimeBackend(new OnnxRuntimeOptions { Spinning = false });

    public static BackendProbe Probe { get; } = Backend.Probe();

    /// <summary>The classifier of text direction: FP32 [n, 3, h, w] to [n, 2].</summary>
    public static byte[] Classifier =>
        Build(File.ReadAllBytes(Repository.OcrModel("ch_ppocr_mobile_v2.0_cls_infer.onnx")));

    /// <summary>A scheduler over an engine, as the loader makes it.</summary>
    public static EngineScheduler Schedule(
        IEngine engine, ImmutableArray<ShapeProfile> profiles = default, int lanes = 1, int queued = 100, TimeProvider? time = null)
    {
        if (profiles.IsDefault) profiles = [];
        string? failure = BatchCheck.WhyNot(engine, new EngineSignature(engine), profiles, CancellationToken.None);
        return new EngineScheduler(engine, failure, lanes, queued, time ?? TimeProvider.System);
    }

    public static byte[] Build(byte[] onnx) =>
        Built.GetOrAdd(Convert.ToHexString(SHA256.HashData(onnx)), _ => new Lazy<byte[]>(() => BuildOnce(onnx))).Value;

    private static byte[] BuildOnce(byte[] onnx)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.PathOf("model.onnx"), onnx);
        Backend.Build(
            new EngineBuildOptions
            {
                ModelPath = folder.PathOf("model.onnx"),
                EnginePath = folder.PathOf("model.engine"),
            },
            CancellationToken.None);
        return File.ReadAllBytes(folder.PathOf("model.engine"));
    }
}
