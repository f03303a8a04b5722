using System.Collections.Immutable;
using System.Runtime.InteropServices;
using F = Pipeline.Engines.OnnxRuntime.OrtFunction;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>
/// The functions of ONNX Runtime's C API that are used here, called through its table. Natively every call returns a
/// status (null is success); here it is read and released at once.
/// </summary>
internal sealed unsafe partial class OrtApi(nint* table)
{
    private const int WarningSeverity = OrtLog.WarningSeverity;

    private readonly nint* table = table;

    public void Release(F function, nint value) =>
        ((delegate* unmanaged<nint, void>)At(function))(value);

    public OrtEnvHandle CreateEnv()
    {
        using NativeText id = NativeText.Utf8("pipeline");
        delegate* unmanaged<nint, int, byte*, byte*, byte*, byte*, void> log = &OrtLog.OnMessage;
        nint env;
        Check(((delegate* unmanaged<void*, nint, int, byte*, nint*, nint>)At(F.CreateEnvWithCustomLogger))(
            log, 0, WarningSeverity, id.Pointer, &env));
        var handle = new OrtEnvHandle(this, env);
        Check(((delegate* unmanaged<nint, nint>)At(F.DisableTelemetryEvents))(env));
        return handle;
    }

    public OrtMemoryInfoHandle CreateCpuMemoryInfo()
    {
        // Allocator 0 (device), memory type 0 (default).
        nint info;
        Check(((delegate* unmanaged<int, int, nint*, nint>)At(F.CreateCpuMemoryInfo))(0, 0, &info));
        return new OrtMemoryInfoHandle(this, info);
    }

    public ImmutableArray<string> GetAvailableProviders()
    {
        byte** names;
        int count;
        Check(((delegate* unmanaged<byte***, int*, nint>)At(F.GetAvailableProviders))(&names, &count));
        var providers = ImmutableArray.CreateBuilder<string>(count);
        for (int i = 0; i < count; i++) providers.Add(Marshal.PtrToStringUTF8((nint)names[i])!);
        Check(((delegate* unmanaged<byte**, int, nint>)At(F.ReleaseAvailableProviders))(names, count));
        return providers.MoveToImmutable();
    }

    public OrtSessionOptionsHandle CreateSessionOptions()
    {
        nint options;
        Check(((delegate* unmanaged<nint*, nint>)At(F.CreateSessionOptions))(&options));
        return new OrtSessionOptionsHandle(this, options);
    }

    public void SetOptimizedModelFilePath(OrtSessionOptionsHandle options, string path)
    {
        using var held = new Held(options);
        using NativeText text = NativeText.FilePath(path);
        Check(((delegate* unmanaged<nint, byte*, nint>)At(F.SetOptimizedModelFilePath))(held.Value, text.Pointer));
    }

    public void SetSessionLogId(OrtSessionOptionsHandle options, string id)
    {
        using var held = new Held(options);
        using NativeText text = NativeText.Utf8(id);
        Check(((delegate* unmanaged<nint, byte*, nint>)At(F.SetSessionLogId))(held.Value, text.Pointer));
    }

    public void SetGraphOptimizationLevel(OrtSessionOptionsHandle options, OrtOptimization level) =>
        SetNumber(F.SetSessionGraphOptimizationLevel, options, (int)level);

    public void SetIntraOpThreads(OrtSessionOptionsHandle options, int threads) =>
        SetNumber(F.SetIntraOpNumThreads, options, threads);

    /// <summary>May be called from another thread while a session is being created with these options.</summary>
    public OrtStatus SetLoadCancellation(OrtSessionOptionsHandle options, bool cancel)
    {
        using var held = new Held(options);
        return Read(((delegate* unmanaged<nint, byte, nint>)At(F.SessionOptionsSetLoadCancellationFlag))(
            held.Value, cancel ? (byte)1 : (byte)0));
    }

    public void AddConfigEntry(OrtSessionOptionsHandle options, string key, string value)
    {
        using var held = new Held(options);
        using NativeText keyText = NativeText.Utf8(key);
        using NativeText valueText = NativeText.Utf8(value);
        Check(((delegate* unmanaged<nint, byte*, byte*, nint>)At(F.AddSessionConfigEntry))(
            held.Value, keyText.Pointer, valueText.Pointer));
    }

    /// <summary>Hands over external tensor files as memory; it must stay until the session is created.</summary>
    public void AddExternalFiles(OrtSessionOptionsHandle options, ExternalTensorFiles files)
    {
        if (files.Count == 0) return;
        using var held = new Held(options);
        nint* names = stackalloc nint[files.Count];
        nint* data = stackalloc nint[files.Count];
        nint* sizes = stackalloc nint[files.Count];
        new Span<nint>(names, files.Count).Clear();
        try
        {
            for (int i = 0; i < files.Count; i++)
            {
                names[i] = NativeText.AllocateFilePath(files.Location(i));
                data[i] = (nint)files.Data(i);
                sizes[i] = (nint)files.SizeBytes(i);
            }

            Check(((delegate* unmanaged<nint, nint*, nint*, nint*, nint, nint>)At(
                F.AddExternalInitializersFromFilesInMemory))(held.Value, names, data, sizes, files.Count));
        }
        finally
        {
            for (int i = 0; i < files.Count; i++) Marshal.FreeCoTaskMem(names[i]);
        }
    }

    public OrtStatus CreateSession(
        OrtEnvHandle env, string modelPath, OrtSessionOptionsHandle options, out OrtSessionHandle session)
    {
        using var heldEnv = new Held(env);
        using var heldOptions = new Held(options);
        using NativeText path = NativeText.FilePath(modelPath);
        nint created = 0;
        OrtStatus status = Read(((delegate* unmanaged<nint, byte*, nint, nint*, nint>)At(F.CreateSession))(
            heldEnv.Value, path.Pointer, heldOptions.Value, &created));
        session = new OrtSessionHandle(this, created);
        return status;
    }

    public OrtStatus CreateSession(
        OrtEnvHandle env, ReadOnlyMemory<byte> model, OrtSessionOptionsHandle options, out OrtSessionHandle session)
    {
        using var heldEnv = new Held(env);
        using var heldOptions = new Held(options);
        using var pinned = model.Pin();
        nint created = 0;
        OrtStatus status = Read(((delegate* unmanaged<nint, void*, nint, nint, nint*, nint>)At(
            F.CreateSessionFromArray))(
            heldEnv.Value, pinned.Pointer, model.Length, heldOptions.Value, &created));
        session = new OrtSessionHandle(this, created);
        return status;
    }

    private void SetNumber(F function, OrtSessionOptionsHandle options, int value)
    {
        using var held = new Held(options);
        Check(((delegate* unmanaged<nint, int, nint>)At(function))(held.Value, value));
    }

    private nint At(F function) => table[(int)function];

    /// <summary>For calls that only fail when something is wrong with the library or with this binding.</summary>
    private void Check(nint status)
    {
        if (status != 0) Read(status).ThrowIfFailed(EngineErrorKind.RunFailed, "A call of the runtime failed");
    }

    /// <summary>Reads a status and releases it.</summary>
    private OrtStatus Read(nint status)
    {
        if (status == 0) return default;
        int code = ((delegate* unmanaged<nint, int>)At(F.GetErrorCode))(status);
        nint message = ((delegate* unmanaged<nint, nint>)At(F.GetErrorMessage))(status);
        var result = new OrtStatus((OrtErrorCode)code, Marshal.PtrToStringUTF8(message) ?? "");
        Release(F.ReleaseStatus, status);
        return result;
    }
}
