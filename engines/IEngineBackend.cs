using System.Collections.Immutable;

namespace Pipeline.Engines;

/// <summary>The code for one kind of runtime: turns models into engines and engines into something that runs.</summary>
public interface IEngineBackend
{
    /// <summary>What this machine can do with this backend. Does not throw: what is missing is in the answer.</summary>
    BackendProbe Probe();

    /// <summary>
    /// Builds an engine file from an ONNX model on disk. Blocks; the calling thread does the work. Whatever happens,
    /// <see cref="EngineBuildOptions.EnginePath"/> is either a complete engine or not there.
    /// </summary>
    /// <exception cref="EngineException">
    /// UnsupportedOperator, UnsupportedTensor, EngineTooLarge or BuildFailed.
    /// </exception>
    BuiltEngine Build(EngineBuildOptions options, CancellationToken cancellationToken);

    /// <summary>Loads an engine that <see cref="Build"/> made. The bytes are not needed afterwards.</summary>
    /// <exception cref="EngineException">LoadFailed, OtherVersion, OtherDevice, OutOfMemory or UnsupportedTensor.</exception>
    IEngine Load(ReadOnlyMemory<byte> engine, CancellationToken cancellationToken);

    /// <summary>
    /// Loads a model to be the reference: no optimization, so that its results are the operators' definitions.
    /// </summary>
    /// <exception cref="EngineException">UnsupportedOperator, UnsupportedTensor or LoadFailed.</exception>
    IEngine LoadReference(string modelPath, CancellationToken cancellationToken);

    /// <summary>
    /// What engines depend on beside model, lane, profiles and CUDA, by name: part of engine keys. The same on every machine of
    /// a lane, so that no ordinals or paths belong to it.
    /// </summary>
    ImmutableSortedDictionary<string, string> KeyOptions => ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Memory of the device that engines are loaded into; null where that is the process's own.</summary>
    DeviceMemoryState? ReadDeviceMemory() => null;
}
