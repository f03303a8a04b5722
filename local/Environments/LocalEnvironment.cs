using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Cloud.Connections;
using Pipeline.Core.Naming;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.Engines.Simulation;
using Pipeline.Local.Commands;
using Pipeline.Local.Processes;

namespace Pipeline.Local.Environments;

/// <summary>
/// The whole pipeline on this machine, each part a process of its own: storage, Service Bus, bridge, functions,
/// workers, edges. What a run leaves in its data folder, the next one resumes. Disposing stops every process, in
/// reverse order.
/// </summary>
public sealed class LocalEnvironment : IAsyncDisposable
{
    private readonly Supervisor supervisor;
    private readonly DataDirectoryLock held;

    private LocalEnvironment(Supervisor supervisor, DataDirectoryLock held, EnvironmentDescription description)
    {
        this.supervisor = supervisor;
        this.held = held;
        Description = description;
    }

    /// <summary>Every address; also what environment.json says.</summary>
    public EnvironmentDescription Description { get; }

    /// <summary>Name and process id of each process that runs now.</summary>
    public IReadOnlyDictionary<string, int> Running => supervisor.Running;

    /// <summary>Starts all processes and waits until each is ready.</summary>
    /// <param name="options">What to start, and where its data is.</param>
    /// <param name="say">Takes one sentence about each start, crash and restart; called from any thread.</param>
    /// <exception cref="CommandException">Something that is needed is missing, or the folder is in use.</exception>
    /// <exception cref="ChildFailedException">A process ended early, or was not ready in time.</exception>
    public static async Task<LocalEnvironment> StartAsync(
        LocalEnvironmentOptions options, Action<string> say, CancellationToken cancellationToken)
    {
        options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        if (!File.Exists(RepositoryLayout.Azurite))
            throw new CommandException(
                $"'{RepositoryLayout.Azurite}' is missing; run 'npm ci --ignore-scripts' first.");
        if (!options.SimulatedGpus.IsEmpty && SimulatedRuntime.Missing() is { } missing) throw new CommandException(missing);
        var held = DataDirectoryLock.Take(options.DataDirectory);
        var supervisor = new Supervisor(Path.Combine(options.DataDirectory, "logs"), say, TimeProvider.System);
        try
        {
            ImmutableArray<Lane> lanes = options.Lanes.IsEmpty ? [LaneOfThisMachine()] : options.Lanes;
            var plan = new EnvironmentPlan(options, lanes, DevelopmentKeyFiles.Ensure(options.DataDirectory));
            Directory.CreateDirectory(Path.Combine(options.DataDirectory, "azurite"));
            await StartAllAsync(supervisor, plan.Foundation(), say, cancellationToken);
            await using (var clients = new CloudClients(new CloudOptions { Storage = plan.Storage }))
            {
                await CloudSetup.EnsureAsync(clients, cancellationToken);
            }

            await StartAllAsync(supervisor, plan.Programs(), say, cancellationToken);
            EnvironmentDescription description = Describe(options, plan, supervisor);
            EnvironmentFile.Write(description);
            return new LocalEnvironment(supervisor, held, description);
        }
        catch
        {
            await supervisor.DisposeAsync();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Kills a process as a crash of its machine would, and leaves it down.</summary>
    public Task KillAsync(string name) => supervisor.KillAsync(name);

    /// <summary>Kills a process as a crash would; it is started again by itself.</summary>
    public Task CrashAsync(string name) => supervisor.CrashAsync(name);

    /// <summary>Stops a process in good order, and leaves it down.</summary>
    public Task StopAsync(string name) => supervisor.StopAsync(name);

    /// <summary>
    /// Starts a process again after <see cref="KillAsync"/> or <see cref="StopAsync"/>, and waits until it is ready.
    /// </summary>
    public Task StartAgainAsync(string name, CancellationToken cancellationToken) =>
        supervisor.StartAgainAsync(name, cancellationToken);

    /// <summary>The file that a process's output goes to.</summary>
    public string LogPathOf(string name) => supervisor.LogPathOf(name);

    public async ValueTask DisposeAsync()
    {
        EnvironmentFile.Delete(Description.DataDirectory);
        await supervisor.DisposeAsync();
        held.Dispose();
    }

    /// <summary>The lane that this machine's processor is.</summary>
    /// <exception cref="CommandException">ONNX Runtime's library is missing, or knows no target here.</exception>
    public static Lane LaneOfThisMachine()
    {
        BackendProbe probe = new OnnxRuntimeBackend(new OnnxRuntimeOptions()).Probe();
        if (probe.Problem is not null) throw new CommandException(probe.Problem.Message);
        return probe is { Runtime: { } runtime, Targets: [var target, ..] }
            ? new Lane(target, runtime)
            : throw new CommandException(
                "This machine's processor is no known target; engines need AVX2 or 64-bit ARM.");
    }

    private static async Task StartAllAsync(
        Supervisor supervisor, IEnumerable<ChildSpec> specs, Action<string> say, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] starts = [.. specs.Select(StartAsync)];
        // The first failure is the one to tell; the other starts are called off.
        await foreach (Task start in Task.WhenEach(starts))
        {
            if (start.IsFaulted)
            {
                await failed.CancelAsync();
                await start;
            }
        }

        cancellationToken.ThrowIfCancellationRequested();

        async Task StartAsync(ChildSpec spec)
        {
            await supervisor.StartAsync(spec, failed.Token);
            say($"'{spec.Name}' is ready.");
        }
    }

    private static EnvironmentDescription Describe(
        LocalEnvironmentOptions options, EnvironmentPlan plan, Supervisor supervisor)
    {
        using Process self = Process.GetCurrentProcess();
        return new EnvironmentDescription
        {
            DataDirectory = options.DataDirectory,
            ProcessId = self.Id,
            ProcessStartedAt = EnvironmentFile.StartOf(self),
            Storage = plan.Storage,
            ServiceBus = plan.ServiceBus,
            Functions = plan.Functions,
            Edges = plan.Edges,
            Lanes = plan.Lanes,
            SimulatedGpus = plan.SimulatedGpus,
            Processes = supervisor.Running.ToImmutableSortedDictionary(),
        };
    }
}
