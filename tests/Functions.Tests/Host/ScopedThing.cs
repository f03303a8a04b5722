namespace Pipeline.Functions.Tests.Host;

/// <summary>A scoped service that says when its scope ends.</summary>
public sealed class ScopedThing(Journal journal) : IDisposable
{
    public void Dispose() => journal.Note("scope ended");
}
