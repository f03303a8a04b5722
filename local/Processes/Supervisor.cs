using System.Collections.Immutable;

namespace Pipeline.Local.Processes;

/// <summary>
/// Starts children one after another, keeps them running, and stops them in reverse order. None of them outlives it.
/// </summary>
/// <param name="logFolder">Where each child's output goes, as NAME.log.</param>
/// <param name="say">Takes one sentence about each crash and restart; called from any thread.</param>
public sealed class Supervisor(string logFolder, Action<string> say, TimeProvider time) : IAsyncDisposable
{
    private ImmutableList<SupervisedChild> children = [];

    /// <summary>Name and process id of each child that runs now.</summary>
    public IReadOnlyDictionary<string, int> Running => children
        .Select(c => (c.Spec.Name, c.ProcessId))
        .Where(c => c.ProcessId is not null)
        .ToDictionary(c => c.Name, c => c.ProcessId!.Value);

    /// <summary>Starts a child and waits until it is ready.</summary>
    /// <exception cref="ChildFailedException">It ended early, or was not ready in time.</exception>
    public async Task StartAsync(ChildSpec spec, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(logFolder);
        var child = new SupervisedChild(spec, LogPathOf(spec.Name), say, time);
        ImmutableInterlocked.Update(ref children, list => list.Add(child));
        await child.StartAsync(cancellationToken);
    }

    /// <summary>Starts a child again that <see cref="KillAsync"/> or <see cref="StopAsync"/> has ended.</summary>
    public Task StartAgainAsync(string name, CancellationToken cancellationToken) =>
        Find(name).StartAsync(cancellationToken);

    /// <summary>Kills a child as a crash would, and leaves it down.</summary>
    public Task KillAsync(string name) => Find(name).KillAsync();

    /// <summary>Kills a child as a crash would; it comes back by itself.</summary>
    public Task CrashAsync(string name) => Find(name).CrashAsync();

    /// <summary>Stops one child in good order, and leaves it down.</summary>
    public Task StopAsync(string name) => Find(name).StopAsync();

    public string LogPathOf(string name) => Path.Combine(logFolder, name + ".log");

    /// <summary>Stops every child, the last started first.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (SupervisedChild child in children.Reverse())
        {
            await child.StopAsync();
            child.Dispose();
        }

        children = [];
    }

    private SupervisedChild Find(string name) =>
        children.FirstOrDefault(c => c.Spec.Name == name)
        ?? throw new ArgumentException($"No child is called '{name}'.", nameof(name));
}
