using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Pipeline.Core.Builds;
using Pipeline.Core.Policies;
using Pipeline.Engines.Profiles;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.TensorRt.Building;

/// <summary>One build: options to the shim, plan and timing cache to their files.</summary>
internal sealed class PlanBuilder(TensorRtLibrary library, TensorRtBuildOptions build)
{
    /// <summary>TensorRT takes the first tactic that works: for finding out whether an optimization is at fault.</summary>
    private const int LowestLevel = 0;

    /// <summary>TensorRT's own level.</summary>
    private const int DefaultLevel = -1;

    /// <exception cref="EngineException">As <see cref="IEngineBackend.Build"/>; OutOfMemory too.</exception>
    public BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken)
    {
        build.Validate();
        ImmutableArray<TensorDescription> inputs = ModelInputs.Read(options.ModelPath, cancellationToken);
        ImmutableArray<ShapeProfile> profiles = ShapeProfiles.Resolve(inputs, options.Profiles);
        using var nativeInputs = new NativeBuildInputs(inputs, profiles);
        using var callbacks = new BuildCallbacks(options.Progress, cancellationToken);
        byte[] timings = TimingCacheFile.Read(options.TimingCachePath, callbacks.Log);
        options.Progress?.Report(new("start", null));

        EngineStatus status = Call(options, nativeInputs, timings, callbacks, out BuiltBlobs built);
        if (status == EngineStatus.InvalidArgument && timings.Length > 0 && build.Tactics != TacticTiming.Replay)
        {
            // Of another driver, device or version, perhaps: it must not stand in the way of every build from now on.
            built.Dispose();
            callbacks.Log.Add(2, "The timing cache may be of another device or version; built again without it.");
            status = Call(options, nativeInputs, [], callbacks, out built);
        }

        using (built)
        {
            if (status != EngineStatus.Ok) throw Failed(status, options, callbacks, cancellationToken);
            built.Plan.WriteTo(options.EnginePath);
            if (!built.Layers.IsInvalid) built.Layers.WriteTo(options.EnginePath + TensorRtBuildOptions.LayersSuffix);
            if (options.TimingCachePath is { } path && !built.TimingCache.IsInvalid) built.TimingCache.WriteTo(path);
            options.Progress?.Report(new("done", 1));
            return new BuiltEngine { Path = options.EnginePath, SizeBytes = built.Plan.Length, Log = callbacks.Log.Lines };
        }
    }

    private unsafe EngineStatus Call(
        EngineBuildOptions options, NativeBuildInputs inputs, byte[] timings, BuildCallbacks callbacks, out BuiltBlobs built)
    {
        nint modelPath = Marshal.StringToCoTaskMemUTF8(options.ModelPath);
        try
        {
            fixed (byte* timingCache = timings)
            {
                var native = new NativeBuildOptions
                {
                    Size = (uint)sizeof(NativeBuildOptions),
                    Flags = Flags,
                    ModelPath = (byte*)modelPath,
                    Inputs = inputs.Pointer,
                    InputCount = inputs.Count,
                    ProfileCount = inputs.ProfileCount,
                    WorkspaceBytes = (ulong)build.WorkspaceBytes,
                    OptimizationLevel = options.Optimize ? build.OptimizationLevel ?? DefaultLevel : LowestLevel,
                    HardwareCompatibility = (int)build.HardwareCompatibility,
                    TimingCache = timingCache,
                    TimingCacheBytes = (ulong)timings.Length,
                    Log = &BuildCallbacks.OnLog,
                    Progress = &BuildCallbacks.OnProgress,
                    State = callbacks.State,
                    TacticDramBytes = (ulong)build.TacticDramBytes,
                    TacticSharedMemoryBytes = (ulong)build.TacticSharedMemoryBytes,
                };
                EngineStatus status = ShimMethods.Build(
                    library.Handle, native, out BlobHandle plan, out BlobHandle timingCacheAfter, out BlobHandle layers);
                built = new BuiltBlobs(plan, timingCacheAfter, layers);
                return status;
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(modelPath);
        }
    }

    private BuildFlags Flags =>
        (build.Tf32 ? BuildFlags.None : BuildFlags.NoTf32)
        | (build.VersionCompatible ? BuildFlags.VersionCompatible : BuildFlags.None)
        | (build.WeightStreaming ? BuildFlags.WeightStreaming : BuildFlags.None)
        | (build.DescribeLayers ? BuildFlags.Inspect : BuildFlags.None)
        | build.Tactics switch
        {
            TacticTiming.Record => BuildFlags.Record,
            TacticTiming.Replay => BuildFlags.Replay,
            _ => BuildFlags.None,
        };

    private static EngineException Failed(
        EngineStatus status, EngineBuildOptions options, BuildCallbacks callbacks, CancellationToken cancellationToken)
    {
        // The sentence first: it belongs to the last native call.
        EngineException failed = ShimErrors.From(
            status, EngineErrorKind.BuildFailed, $"Model '{Path.GetFileName(options.ModelPath)}' does not build", callbacks.Log.Lines);
        callbacks.ThrowIfReceiverFailed();
        if (status == EngineStatus.Cancelled) cancellationToken.ThrowIfCancellationRequested();
        return failed;
    }

    private sealed record BuiltBlobs(BlobHandle Plan, BlobHandle TimingCache, BlobHandle Layers) : IDisposable
    {
        public void Dispose()
        {
            Plan.Dispose();
            TimingCache.Dispose();
            Layers.Dispose();
        }
    }
}
