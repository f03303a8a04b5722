using System.Diagnostics;
using Pipeline.Engines.TensorRt;
using Pipeline.Engines.TensorRt.Native;
using Pipeline.Testing;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>Which native library becomes the shim of a process, and which does not.</summary>
public sealed class ShimLibraryTests : TensorRtTest
{
    private static readonly TensorRtRuntime Major11 = TensorRtRuntime.Parse("trt-11.1.0.106");

    [Fact]
    public void Use_ASecondShim_IsRefused()
    {
        ShimLibrary.Use(SimulatedGpu.LibraryPath);
        EngineException refused = Assert.Throws<EngineException>(() => ShimLibrary.Use("/other/libpipeline_trt11.so"));
        Assert.Equal(EngineErrorKind.LibraryIncompatible, refused.Kind);
        Assert.Contains($"this process works with '{SimulatedGpu.LibraryPath}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AFileThatIsNoLibrary_IsRefused()
    {
        EngineException refused = Assert.Throws<EngineException>(() => ShimLibrary.Open(Write([1, 2, 3])));
        Assert.Equal(EngineErrorKind.LibraryMissing, refused.Kind);
        Assert.Contains("does not load", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int nothing(void) { return 1; }", "is no TensorRT shim: it does not export engine_abi_version.")]
    [InlineData("int engine_abi_version(void) { return 99; }", "speaks version 99 of the interface; this program speaks 1.")]
    public void Open_AnotherLibrary_IsRefused(string source, string sentence)
    {
        EngineException refused = Assert.Throws<EngineException>(() => ShimLibrary.Open(Compile(source)));
        Assert.Equal(EngineErrorKind.LibraryIncompatible, refused.Kind);
        Assert.Contains(sentence, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "libpipeline_trt11.so")]
    [InlineData("runtimes/linux-x64/native", "libpipeline_trt11.so")]
    [InlineData("artifacts/native", "libpipeline_trt11.so")]
    public void Find_AShimAtItsPlace_IsItsFullPath(string folder, string file)
    {
        Assert.SkipUnless(folder.Length < 20 || System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier == "linux-x64", "Not linux-x64.");
        using var app = new TemporaryFolder();
        string expected = Path.Combine(app.Root, folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(expected)!);
        File.WriteAllText(expected, "");
        Assert.Equal(expected, ShimLibraryPath.Find(null, Major11, app.Root));
    }

    [Fact]
    public void Find_TheShimOfAnotherMajor_IsNotTaken()
    {
        using var app = new TemporaryFolder();
        File.WriteAllText(Path.Combine(app.Root, "libpipeline_trt10.so"), "");
        EngineException missing = Assert.Throws<EngineException>(() => ShimLibraryPath.Find(null, Major11, app.Root));
        Assert.Equal(EngineErrorKind.LibraryMissing, missing.Kind);
    }

    [Fact]
    public void Find_APathThatIsNotThere_NamesTheSetting()
    {
        EngineException missing = Assert.Throws<EngineException>(() => ShimLibraryPath.Find("/not/there.so", Major11, "/"));
        Assert.Contains("setting 'TensorRt:LibraryPath' names '/not/there.so'", missing.Message, StringComparison.Ordinal);
    }

    private string Compile(string source)
    {
        string[] compilers = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"];
        string? compiler = compilers.FirstOrDefault(File.Exists);
        Assert.SkipUnless(compiler is not null, "There is no C compiler.");
        string file = Write([]) + ".c";
        File.WriteAllText(file, source);
        string library = EnginePath + ".so";
        using Process process = Process.Start(compiler!, ["-shared", "-fPIC", "-o", library, file]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return library;
    }
}
