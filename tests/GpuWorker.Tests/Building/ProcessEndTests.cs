using Pipeline.GpuWorker.Building;

namespace Pipeline.GpuWorker.Tests.Building;

public sealed class ProcessEndTests
{
    [Theory]
    [InlineData(139, "was ended by signal 11 (SIGSEGV, a wrong memory access)")]
    [InlineData(134, "was ended by signal 6 (SIGABRT, it gave up by itself)")]
    [InlineData(137, "was ended by signal 9 (SIGKILL, most often the system's, for want of memory)")]
    [InlineData(129, "was ended by signal 1")]
    [InlineData(3, "exited with code 3 and no result")]
    [InlineData(0, "exited with code 0 and no result")]
    [InlineData(255, "exited with code 255 and no result")]
    [InlineData(-1073741819, "crashed with code 0xC0000005")]
    public void Describe_ExitCode_SaysWhatHappened(int exitCode, string expected) =>
        Assert.Equal(expected, ProcessEnd.Describe(exitCode));
}
