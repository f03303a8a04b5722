namespace Pipeline.Engines;

/// <summary>
/// One execution lane of an engine: its working memory is made once and serves every run, so that a run allocates nothing
/// on the managed heap. One thread at a time; several contexts of one engine may run at the same time. A context keeps
/// the native engine alive until it is disposed.
/// </summary>
public interface IEngineContext : IDisposable
{
    /// <summary>Sets one input of the next run. Each run needs every input set anew.</summary>
    /// <param name="index">In the order of <see cref="IEngine.Inputs"/>.</param>
    /// <param name="data">
    /// The elements, aligned to their size. They stay the caller's, and must neither move nor change until the run ends.
    /// </param>
    /// <param name="sizeBytes">Exactly the shape's elements.</param>
    /// <exception cref="EngineException">InvalidInput.</exception>
    void SetInput(int index, nint data, long sizeBytes, ReadOnlySpan<long> shape);

    /// <summary>Runs once on the inputs that were set; the outputs of the run before end.</summary>
    /// <exception cref="EngineException">InvalidInput, OutOfMemory or RunFailed.</exception>
    void Run();

    /// <summary>The element type that the last run gave.</summary>
    ElementType OutputType(int index);

    /// <summary>The shape that the last run gave; valid until the next run.</summary>
    ReadOnlySpan<long> OutputShape(int index);

    /// <summary>The elements that the last run gave; valid until the next run.</summary>
    ReadOnlySpan<byte> OutputData(int index);
}
