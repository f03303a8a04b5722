using System.Collections.Concurrent;

namespace Pipeline.Functions.Tests.Host;

/// <summary>What sample functions note and what they wait for; one for each test, by dependency injection.</summary>
public sealed class Journal : IDisposable
{
    private readonly ConcurrentQueue<object> _notes = [];

    /// <summary>Opened by the test when a function that waits may go on.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    public IReadOnlyList<object> Notes => [.. _notes];

    public void Note(object what) => _notes.Enqueue(what);

    public Task HasAsync(int count) => Eventually.HoldsAsync(() => _notes.Count >= count, $"{count} notes");

    public void Dispose() => Gate.Dispose();
}
