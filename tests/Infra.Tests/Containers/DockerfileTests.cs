using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pipeline.Infra.Tests.Checks;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Containers;

/// <summary>The images cannot be built here, so what can be read in their files is held.</summary>
public sealed partial class DockerfileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("gpu-worker")]
    [InlineData("edge")]
    public void Dockerfile_KeepsTheRules(string project) => Assert.Empty(DockerChecks.Faults(project, TextOf(project)));

    [Theory]
    [InlineData("node:22-bookworm-slim", "node:latest", "has no tag of a version")]
    [InlineData("node:22-bookworm-slim", "node", "has no tag of a version")]
    [InlineData("# 22 is the long-term release of Node.js; only npm runs here, and the lock file pins what it fetches.\n", "", "say above it why")]
    [InlineData("COPY native /native", "ADD native /native", "use COPY")]
    [InlineData("COPY native /native", "COPY natives /native", "no 'natives'")]
    [InlineData("COPY native /native", "COPY docs /native", ".dockerignore leaves 'docs' out")]
    [InlineData("--from=shim", "--from=shims", "no stage 'shims'")]
    [InlineData(" --no-install-recommends", "", "--no-install-recommends")]
    [InlineData("npm ci --ignore-scripts", "npm install", "npm ci --ignore-scripts")]
    [InlineData("apt-get update \\", "curl https://example.com/x | bash \\", "run unseen")]
    [InlineData("edge/Edge.csproj", "edge/Edges.csproj", "no 'edge/Edges.csproj'")]
    [InlineData("    HOME=/scratch \\\n", "    HOME=/scratch API_TOKEN=x \\\n", "no secret")]
    [InlineData("USER 1654:1654", "USER root", "runs as 'root'")]
    [InlineData("USER 1654:1654\n", "", "runs as 'root'")]
    [InlineData("USER 1654:1654\n", "USER 1654:1654\nRUN id\n", "no shell to run anything")]
    [InlineData("ENTRYPOINT [\"/app/Pipeline.Edge\"]", "ENTRYPOINT /app/Pipeline.Edge", "by a shell")]
    [InlineData("ENTRYPOINT [\"/app/Pipeline.Edge\"]", "ENTRYPOINT [\"/app/Edge\"]", "starts other than")]
    [InlineData("CMD [\"/app/Pipeline.Edge\", \"health\"]", "CMD curl -f http://localhost:8080/v2/health/live", "needs a shell")]
    [InlineData("HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD [\"/app/Pipeline.Edge\", \"health\"]\n", "", "has no health check")]
    [InlineData("DOTNET_EnableDiagnostics=0", "DOTNET_TieredPGO=0", "diagnostics files")]
    [InlineData("    TMPDIR=/scratch \\\n", "", "temporary files elsewhere")]
    [InlineData("FROM cpu AS gpu", "FROM cpu AS cuda", "no variant 'gpu'")]
    public void Mistake_IsFound(string old, string mistake, string told)
    {
        string text = TextOf("edge");
        Assert.Contains(old, text, StringComparison.Ordinal);

        Assert.Contains(DockerChecks.Faults("edge", text.Replace(old, mistake, StringComparison.Ordinal)),
            f => f.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void Runtimes_AreThoseOfTheLanes()
    {
        // Another TensorRT or ONNX Runtime in the images than in the lanes, and every worker refuses its lane.
        string[] tensorRt = [.. new[] { "gpu-worker", "edge" }.SelectMany(p => TensorRtVersion().Matches(TextOf(p))).Select(m => m.Groups[1].Value)];
        string[] images = [.. new[] { "gpu-worker", "edge" }.SelectMany(p => TensorRtImage().Matches(TextOf(p))).Select(m => m.Value)];
        string onnxRuntime = Locked("package-lock.json", "onnxruntime-node");

        Assert.Single(images.Distinct());
        Assert.All(NameChecks.Lanes(Environments.Prod).Concat(NameChecks.Lanes(Environments.Dev)), lane => Assert.Contains(
            lane.Runtime, tensorRt.Select(v => $"trt-{v}").Concat([$"ort-{onnxRuntime}-cpu", $"ort-{onnxRuntime}-cuda"])));
    }

    [Fact]
    public void Provider_IsOfTheSameOnnxRuntime() => Assert.Equal(
        // Its package counts otherwise: 0.4.9 carries the provider of 1.29.0.
        ("1.29.0", "0.4.9"),
        (Locked("package-lock.json", "onnxruntime-node"),
            Locked("eng/onnxruntime-cuda/package-lock.json", "com.github.asus4.onnxruntime.linux-x64-gpu")));

    [Fact]
    public void WorkersAndEdges_HaveTheSameLibrariesOfCuda()
    {
        // What passed the gates in a worker would otherwise run by other code at the edge.
        string[] edge = Stage("edge"), worker = Stage("gpu-worker");

        Assert.Contains(edge, line => line.Contains("libcudnn.so.9", StringComparison.Ordinal));
        Assert.Equal(edge, worker);

        static string[] Stage(string project) => [.. DockerStage.Split(DockerInstruction.Parse(TextOf(project)))
            .Where(s => s.Name is "provider" or "cuda").SelectMany(s => s.Steps.Prepend(s.From)).Select(i => $"{i.Keyword} {i.Text}")];
    }

    [Fact]
    public async Task Libraries_AreCollectedOrMissed()
    {
        using var folder = new TemporaryFolder();

        Assert.Equal(0, await CollectAsync(folder.PathOf("there"), "libc.so.?"));
        Assert.Null(new FileInfo(folder.PathOf("there/libc.so.6")).LinkTarget);
        Assert.True(File.Exists(folder.PathOf("there/libc.so.6")));
        Assert.Equal(1, await CollectAsync(folder.PathOf("not"), "libnothing-of-this-name.so.1"));

        static async Task<int> CollectAsync(string to, string name)
        {
            await using ChildProcess script = ChildProcess.Start("sh", [Repository.PathOf("eng", "collect-libraries.sh"), to, name]);
            return await script.WaitForExitAsync(Cancel);
        }
    }

    [Fact]
    public async Task Edge_SaysWhetherItLives()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication edge = builder.Build();
        int status = StatusCodes.Status200OK;
        edge.MapGet("/v2/health/live", () => Results.StatusCode(status));
        int port = FreePort.Next();
        edge.Urls.Add($"http://127.0.0.1:{port}");

        Assert.Equal(1, await AskAsync(port));
        await edge.StartAsync(Cancel);
        Assert.Equal(0, await AskAsync(port));
        status = StatusCodes.Status500InternalServerError;
        Assert.Equal(1, await AskAsync(port));
    }

    private static async Task<int> AskAsync(int port)
    {
        await using ChildProcess health = ChildProcess.Start(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Pipeline.Edge.dll"), "health"],
            new Dictionary<string, string?> { ["Edge__Urls"] = $"http://0.0.0.0:{port}" });
        return await health.WaitForExitAsync(Cancel);
    }

    private static string Locked(string lockFile, string package) => JsonSerializer
        .Deserialize<JsonElement>(File.ReadAllBytes(Repository.PathOf(lockFile)))
        .GetProperty("packages").GetProperty($"node_modules/{package}").GetProperty("version").GetString()!;

    private static string TextOf(string project) => File.ReadAllText(Repository.PathOf(project, "Dockerfile"));

    [GeneratedRegex(@"is TensorRT (\d+\.\d+\.\d+\.\d+)")]
    private static partial Regex TensorRtVersion();

    [GeneratedRegex(@"nvcr\.io/nvidia/tensorrt:\S+")]
    private static partial Regex TensorRtImage();
}
