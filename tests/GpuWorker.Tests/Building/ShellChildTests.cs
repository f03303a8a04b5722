using System.Globalization;
using Pipeline.Engines;
using Pipeline.Engines.OnnxRuntime;
using Pipeline.GpuWorker.Building;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Building;

/// <summary>What a worker makes of a build's child process, which is a shell script here: it misbehaves as it is told.</summary>
public sealed class ShellChildTests : IDisposable
{
    private const string Built = """echo '{"end":{"kind":"Built"}}'""";

    private readonly TemporaryFolder folder = new();

    /// <summary>Scripts that end without a result, and what the failure says.</summary>
    public static TheoryData<string, string> Ends => new()
    {
        { "kill -SEGV $$", "was ended by signal 11" },
        { "kill -KILL $$", "was ended by signal 9" },
        { "echo 'out of tiles' >&2; exit 3", "exited with code 3 and no result. It said last: out of tiles" },
        { "exit 0", "exited with code 0 and no result." },
        { "echo '{\"end\":{\"kind\":\"Wonderful\"}}'", "no result. It said last: {\"end\"" },
        { Built, "exited with code 0 and no result" },
        { "head -c 3000000 /dev/zero | tr '\\0' x; kill -ABRT $$", "was ended by signal 6" },
        { "i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done; exit 4", "| line 1998 | line 1999" },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Build_ChildEndsWithoutAnEngine_IsABuildFailureThatSaysHow(string script, string said)
    {
        EngineException failed = await Assert.ThrowsAsync<EngineException>(() => BuildAsync(script));

        Assert.Equal(EngineErrorKind.BuildFailed, failed.Kind);
        Assert.Contains(said, failed.Message, StringComparison.Ordinal);
        Assert.InRange(failed.Message.Length, 1, 6000);
    }

    [Fact]
    public async Task Build_ChildSaysWhatFailed_IsThatFailure()
    {
        EngineException failed = await Assert.ThrowsAsync<EngineException>(() => BuildAsync(
            """
            echo 'a warning' >&2
            echo '{"end":{"kind":"Failed","error":"UnsupportedOperator","message":"No Foo.","operator":"Foo"}}'
            """));

        Assert.Equal((EngineErrorKind.UnsupportedOperator, "No Foo.", "Foo"), (failed.Kind, failed.Message, failed.Operator));
        Assert.Equal(["a warning"], failed.Log);
    }

    [Fact]
    public async Task Build_ChildHasTrouble_IsWorthAnotherTry()
    {
        IOException trouble = await Assert.ThrowsAsync<IOException>(
            () => BuildAsync("""echo '{"end":{"kind":"Trouble","message":"The disk is full."}}'"""));

        Assert.Equal("The disk is full.", trouble.Message);
    }

    [Fact]
    public async Task Build_NativeLibrariesTalkToo_ProgressAndEngineCome()
    {
        var progress = new List<EngineBuildProgress>();
        BuiltEngine built = await BuildAsync(
            $$$"""
            echo 'a library says hello'; printf 'half a line'
            printf '\n{"progress":{"stage":"tactics","fraction":0.5}}\n'
            echo 'a warning' >&2; printf engine > {{{EnginePath}}}; {{{Built}}}
            """,
            new Collecting(progress));

        Assert.Equal([new EngineBuildProgress("tactics", 0.5)], progress);
        Assert.Equal((EnginePath, 6), (built.Path, built.SizeBytes));
        Assert.Equal(["a library says hello", "a warning", "half a line"], built.Log.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Build_ChildHangsAfterItsEnd_IsEndedAndTheEngineCounts()
    {
        BuiltEngine built = await BuildAsync($"printf engine > {EnginePath}; {Built}; exec sleep 1000");

        Assert.Equal(6, built.SizeBytes);
    }

    [Fact]
    public async Task Build_Cancelled_ChildIsAskedFirst()
    {
        using var stop = new CancellationTokenSource();
        string asked = folder.PathOf("asked");

        // The order is one line; reading the next one ends when the input is closed.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BuildAsync(
            $$$"""read order; echo '{"progress":{"stage":"x"}}'; read more; echo yes > {{{asked}}}; echo '{"end":{"kind":"Stopped"}}'""",
            new Cancelling(stop), TimeSpan.FromSeconds(60), stop.Token));

        Assert.True(File.Exists(asked));
    }

    [Fact]
    public async Task Build_CancelledAndHeedsNothing_IsEndedWithAllThatItStartedAndLeavesNoFile()
    {
        using var stop = new CancellationTokenSource();
        string ids = folder.PathOf("ids");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BuildAsync(
            $$$"""
            sleep 1000 & echo $! > {{{ids}}}; echo $$ >> {{{ids}}}
            printf half > {{{EnginePath}}}.unfinished; echo '{"progress":{"stage":"x"}}'; wait
            """,
            new Cancelling(stop), cancellationToken: stop.Token));

        int[] processes = [.. File.ReadLines(ids).Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
        Assert.Equal(2, processes.Length);
        await Eventually.Async(
            _ => Task.FromResult(!processes.Any(IsRunning)), "the child and its own child have ended", Workbench.Cancel);
        Assert.Equal([ids], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public async Task Build_Order_HoldsAllAndTheChildSeesNoSecret()
    {
        string seen = folder.PathOf("seen");
        // Of the whole test process, which nothing reads.
        Environment.SetEnvironmentVariable("Pipeline__OfNobody", "secret");

        await Assert.ThrowsAsync<EngineException>(() => BuildAsync($"read -r order; echo \"$order\" > {seen}; env >> {seen}"));

        string text = await File.ReadAllTextAsync(seen, Workbench.Cancel);
        Assert.Contains("\"runtime\":\"ort-1.29.0-cpu\"", text, StringComparison.Ordinal);
        Assert.Contains("\"intraOpThreads\":3", text, StringComparison.Ordinal);
        Assert.Contains("PATH=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Pipeline__", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Build_ProgramIsMissing_IsWorthAnotherTry()
    {
        var builder = new ChildEngineBuilder(new WorkerProgram(folder.PathOf("absent"), []), "x", new EngineSettings(new(), new()));

        IOException trouble = await Assert.ThrowsAsync<IOException>(() => builder.BuildAsync(Options(null), Workbench.Cancel));

        Assert.Contains("does not start", trouble.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private string EnginePath => folder.PathOf("built.engine");

    private Task<BuiltEngine> BuildAsync(
        string script, IProgress<EngineBuildProgress>? progress = null, TimeSpan? patience = null,
        CancellationToken? cancellationToken = null)
    {
        var settings = new EngineSettings(new OnnxRuntimeOptions { IntraOpThreads = 3 }, new());
        var builder = new ChildEngineBuilder(new WorkerProgram("sh", ["-c", script]), "ort-1.29.0-cpu", settings)
        {
            StopPatience = patience ?? TimeSpan.FromMilliseconds(200),
        };
        return builder.BuildAsync(Options(progress), cancellationToken ?? Workbench.Cancel);
    }

    private EngineBuildOptions Options(IProgress<EngineBuildProgress>? progress) =>
        new() { ModelPath = TestModels.ClassifierPath, EnginePath = EnginePath, Progress = progress };

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

    private sealed class Collecting(List<EngineBuildProgress> into) : IProgress<EngineBuildProgress>
    {
        public void Report(EngineBuildProgress value) => into.Add(value);
    }

    private sealed class Cancelling(CancellationTokenSource stop) : IProgress<EngineBuildProgress>
    {
        public void Report(EngineBuildProgress value) => stop.Cancel();
    }
}
