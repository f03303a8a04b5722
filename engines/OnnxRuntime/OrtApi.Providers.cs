using System.Collections.Immutable;
using F = Pipeline.Engines.OnnxRuntime.OrtFunction;

namespace Pipeline.Engines.OnnxRuntime;

/// <summary>Execution providers beside the CPU one.</summary>
internal sealed unsafe partial class OrtApi
{
    /// <summary>Providers that take their options as texts: WebGPU and most newer ones.</summary>
    public OrtStatus AppendProvider(
        OrtSessionOptionsHandle options, string name, ImmutableSortedDictionary<string, string> providerOptions)
    {
        using var held = new Held(options);
        using NativeText nameText = NativeText.Utf8(name);
        using var texts = new NativeTexts(providerOptions);
        return Read(((delegate* unmanaged<nint, byte*, nint*, nint*, nint, nint>)At(
            F.SessionOptionsAppendExecutionProvider))(
            held.Value, nameText.Pointer, texts.Keys, texts.Values, texts.Count));
    }

    /// <summary>CUDA has an options object of its own.</summary>
    /// <param name="stream">What all runs compute on; 0 leaves streams to the provider.</param>
    public OrtStatus AppendCuda(
        OrtSessionOptionsHandle options, ImmutableSortedDictionary<string, string> providerOptions, nint stream)
    {
        nint created;
        OrtStatus status = Read(((delegate* unmanaged<nint*, nint>)At(F.CreateCudaProviderOptions))(&created));
        if (!status.IsOk) return status;

        using var cuda = new OrtCudaOptionsHandle(this, created);
        using var texts = new NativeTexts(providerOptions);
        status = Read(((delegate* unmanaged<nint, nint*, nint*, nint, nint>)At(F.UpdateCudaProviderOptions))(
            created, texts.Keys, texts.Values, texts.Count));
        if (!status.IsOk) return status;
        if (stream != 0)
        {
            using NativeText key = NativeText.Utf8("user_compute_stream");
            status = Read(((delegate* unmanaged<nint, byte*, nint, nint>)At(F.UpdateCudaProviderOptionsWithValue))(
                created, key.Pointer, stream));
            if (!status.IsOk) return status;
        }

        using var held = new Held(options);
        return Read(((delegate* unmanaged<nint, nint, nint>)At(F.SessionOptionsAppendExecutionProviderCudaV2))(
            held.Value, created));
    }
}
