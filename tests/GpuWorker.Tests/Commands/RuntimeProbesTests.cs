using System.Globalization;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Commands;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Commands;

public sealed class RuntimeProbesTests
{
    [Fact]
    public async Task Probe_InAProcessThatHangs_IsAnsweredAndTheProcessEnded()
    {
        using var folder = new TemporaryFolder();
        string id = folder.PathOf("id");
        var program = new WorkerProgram("sh", ["-c", $"echo $$ > {id}; exec sleep 1000"]);

        RuntimeProbe probe = await RuntimeProbes.ApartAsync(program, "trt-11", TimeSpan.FromMilliseconds(500), Workbench.Cancel);

        Assert.StartsWith("The probe of 'trt-11' did not end well", probe.Problem, StringComparison.Ordinal);
        int process = int.Parse(await File.ReadAllTextAsync(id, Workbench.Cancel), CultureInfo.InvariantCulture);
        await Eventually.Async(_ => Task.FromResult(!IsRunning(process)), "the probe's process has ended", Workbench.Cancel);
    }

    [Theory]
    [InlineData("echo a library says hello; echo '{\"name\":\"trt-11\",\"runtime\":\"trt-11.1.0.106\"}'", null)]
    [InlineData("echo no such thing >&2; exit 3", "The probe of 'trt-11' exited with code 3 and no result: no such thing.")]
    public async Task Probe_InAProcess_IsWhatThatSays(string script, string? problem)
    {
        RuntimeProbe probe = await RuntimeProbes.ApartAsync(
            new WorkerProgram("sh", ["-c", script]), "trt-11", TimeSpan.FromMinutes(1), Workbench.Cancel);

        Assert.Equal(problem, probe.Problem);
        Assert.Equal(problem is null ? "trt-11.1.0.106" : null, probe.Runtime);
    }

    // What nobody has waited for yet still has an entry, as a zombie.
    private static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
