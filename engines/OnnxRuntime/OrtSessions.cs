using System.Collections.Immutable;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Opens sessions: options, provider, cancellation and errors in one place.</summary>
internal static class OrtSessions
{
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";
    public const string WebGpu = "webgpu";

    /// <exception cref="EngineException">ProviderUnavailable.</exception>
    public static OrtSessionOptionsHandle CreateOptions(OrtLibrary library, OnnxRuntimeOptions options) =>
        CreateOptions(library, options, CudaOptions.Merge(options.SortedProviderOptions, CudaOptions.UsesTf32(options), graphs: false));

    /// <param name="cuda">Options of the CUDA provider, in place of those in <paramref name="options"/>.</param>
    /// <param name="stream">What a CUDA session computes on; 0 leaves streams to the provider.</param>
    /// <exception cref="EngineException">ProviderUnavailable.</exception>
    public static OrtSessionOptionsHandle CreateOptions(
        OrtLibrary library, OnnxRuntimeOptions options, ImmutableSortedDictionary<string, string> cuda, nint stream = 0)
    {
        OrtApi api = library.Api;
        OrtSessionOptionsHandle session = api.CreateSessionOptions();
        try
        {
            api.SetIntraOpThreads(session, options.IntraOpThreads);
            if (!options.Spinning) api.AddConfigEntry(session, "session.intra_op.allow_spinning", "0");
            OrtStatus status = options.Provider switch
            {
                Cpu => default,
                Cuda => api.AppendCuda(session, cuda, stream),
                WebGpu => api.AppendProvider(session, "WebGPU", options.SortedProviderOptions),
                _ => throw new EngineException(
                    EngineErrorKind.ProviderUnavailable,
                    $"'{options.Provider}' is not an execution provider; set '{OnnxRuntimeOptions.Section}:Provider' " +
                    "to 'cpu', 'cuda' or 'webgpu'."),
            };
            status.ThrowIfFailed(
                EngineErrorKind.ProviderUnavailable,
                $"Execution provider '{options.Provider}' does not work with '{library.Path}'");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>A session on a model file, external data beside it.</summary>
    public static OrtSessionHandle Open(
        OrtLibrary library,
        string modelPath,
        OrtSessionOptionsHandle options,
        EngineErrorKind kind,
        CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration cancel = CancelWith(library, options, cancellationToken);
        OrtStatus status = library.Api.CreateSession(library.Env, modelPath, options, out OrtSessionHandle session);
        return Opened(status, session, kind, $"Model '{Path.GetFileName(modelPath)}' does not load", cancellationToken);
    }

    /// <summary>A session on an engine's bytes.</summary>
    public static OrtSessionHandle Open(
        OrtLibrary library,
        ReadOnlyMemory<byte> engine,
        OrtSessionOptionsHandle options,
        CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration cancel = CancelWith(library, options, cancellationToken);
        OrtStatus status = library.Api.CreateSession(library.Env, engine, options, out OrtSessionHandle session);
        return Opened(
            status, session, EngineErrorKind.LoadFailed, $"The engine of {engine.Length} bytes does not load",
            cancellationToken);
    }

    private static CancellationTokenRegistration CancelWith(
        OrtLibrary library, OrtSessionOptionsHandle options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return cancellationToken.UnsafeRegister(_ => library.Api.SetLoadCancellation(options, cancel: true), null);
    }

    private static OrtSessionHandle Opened(
        OrtStatus status,
        OrtSessionHandle session,
        EngineErrorKind kind,
        string what,
        CancellationToken cancellationToken)
    {
        if (status.IsOk) return session;

        session.Dispose();
        if (status.Code == OrtErrorCode.LoadCanceled) cancellationToken.ThrowIfCancellationRequested();
        throw OrtErrors.From(status, kind, what);
    }
}
