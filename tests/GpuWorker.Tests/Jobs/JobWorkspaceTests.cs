using Pipeline.Core.Builds;
using Pipeline.GpuWorker.Jobs;
using Pipeline.Testing;

namespace Pipeline.GpuWorker.Tests.Jobs;

public sealed class JobWorkspaceTests
{
    [Theory]
    [InlineData("../model.onnx")]
    [InlineData("a/../../built.engine")]
    [InlineData("/etc/passwd")]
    public void PathOf_LeavesTheFolder_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();
        using JobWorkspace workspace = JobWorkspace.Create(folder.Root);

        JobFailedException failed = Assert.Throws<JobFailedException>(() => workspace.PathOf(name));

        Assert.Equal(BuildFailureKind.BadRequest, failed.Kind);
        Assert.Contains($"'{name}'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_WithFiles_RemovesTheFolder()
    {
        using var folder = new TemporaryFolder();
        string path;
        using (JobWorkspace workspace = JobWorkspace.Create(folder.Root))
        {
            path = workspace.PathOf("weights/model.data");
            File.WriteAllText(path, "x");
        }

        Assert.False(File.Exists(path));
        Assert.Empty(Directory.GetFileSystemEntries(folder.PathOf("jobs")));
    }

    [Fact]
    public void Own_LeftoversAndASecondWorker_RemovesTheOnesAndRefusesTheOther()
    {
        using var folder = new TemporaryFolder();
        string left = JobWorkspace.Create(folder.Root).PathOf("model.onnx");
        File.WriteAllText(left, "x");

        using (JobWorkspace.Own(folder.Root))
        {
            Assert.False(File.Exists(left));
            Assert.Throws<IOException>(() => JobWorkspace.Own(folder.Root));
        }

        JobWorkspace.Own(folder.Root).Dispose();
    }
}
