using Pipeline.Core.Builds;
using Pipeline.Engines.OnnxRuntime;

namespace Pipeline.Engines.Tests.OnnxRuntime;

/// <summary>What does not build or load: one typed error each, and nothing left behind.</summary>
public sealed class OnnxRuntimeRefusalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("NoSuchOperator")]
    [InlineData("RotaryThing2")]
    public void Build_OperatorUnknown_IsNamed(string operation)
    {
        EngineException error = Refused(new TinyModel()
            .Node(operation, ["x"], ["y"]).Input("x", 1, 2).Output("y", 1, 2).ToBytes());

        Assert.Equal(EngineErrorKind.UnsupportedOperator, error.Kind);
        Assert.Equal(BuildFailureKind.UnsupportedOperator, error.FailureKind);
        Assert.Equal(operation, error.Operator);
        Assert.Contains($"'{operation}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_OperatorWithoutKernelForItsType_IsNamed()
    {
        // Det takes doubles by ONNX, but ONNX Runtime has it for floats only.
        EngineException error = Refused(new TinyModel()
            .Node("Det", ["x"], ["y"]).Input("x", 11, 2, 2).Output("y", 11).ToBytes());

        Assert.Equal((EngineErrorKind.UnsupportedOperator, "Det"), (error.Kind, error.Operator));
    }

    [Fact]
    public void Build_NotAnOnnx_IsBuildFailed() =>
        Assert.Equal(EngineErrorKind.BuildFailed, Refused("This is a text, not a model."u8.ToArray()).Kind);

    [Fact]
    public void Build_Truncated_IsBuildFailed() =>
        Assert.Equal(EngineErrorKind.BuildFailed, Refused(File.ReadAllBytes(Ort.Classifier)[..100_000]).Kind);

    [Fact]
    public void Build_EmptyFile_IsBuildFailed() => Assert.Equal(EngineErrorKind.BuildFailed, Refused([]).Kind);

    [Fact]
    public void Build_ExternalDataMissing_IsBuildFailed()
    {
        EngineException error = Refused(new TinyModel()
            .ExternalInitializer("w", [2, 2], "gone.data").Node("MatMul", ["x", "w"], ["y"])
            .Input("x", 1, 2, 2).Output("y", 1, 2, 2).ToBytes());

        Assert.Equal(EngineErrorKind.BuildFailed, error.Kind);
        Assert.Contains("gone.data", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../model.onnx", "outside the model's folder")]
    [InlineData("/etc/hostname", "outside the model's folder")]
    [InlineData("gone.data", "is missing")]
    [InlineData("empty.data", "is empty")]
    public void Build_ExternalDataThatCannotBe_IsBuildFailed(string location, string said)
    {
        using var folder = new TestFolder();
        folder.Write("empty.data", []);
        var options = new EngineBuildOptions
        {
            ModelPath = folder.Write("model.onnx", File.ReadAllBytes(Ort.Classifier)),
            EnginePath = folder.PathOf("model.engine"),
            ExternalData = [location],
        };

        var error = Assert.Throws<EngineException>(() => Ort.Backend.Build(options, Cancellation));

        Assert.Equal(EngineErrorKind.BuildFailed, error.Kind);
        Assert.Contains($"'{location}' is", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_StringInput_IsUnsupportedTensor()
    {
        EngineException error = Refused(new TinyModel()
            .Node("Identity", ["x"], ["y"]).Input("x", 8, 2).Output("y", 8, 2).ToBytes());

        Assert.Equal(EngineErrorKind.UnsupportedTensor, error.Kind);
        Assert.Contains("'x'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SequenceOutput_IsUnsupportedTensor()
    {
        EngineException error = Refused(new TinyModel()
            .Node("SequenceConstruct", ["x"], ["y"]).Input("x", 1, 2).SequenceOutput("y", 1).ToBytes());

        Assert.Equal(EngineErrorKind.UnsupportedTensor, error.Kind);
        Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_Cancelled_LeavesNothing()
    {
        using var folder = new TestFolder();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Ort.Backend.Build(
            new EngineBuildOptions { ModelPath = Ort.Classifier, EnginePath = folder.PathOf("a") }, cancelled.Token));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public void CreateSession_CancelledByItsOptions_StopsWithItsOwnCode()
    {
        OrtLibrary library = OrtLibrary.Get(null);
        using OrtSessionOptionsHandle options = OrtSessions.CreateOptions(library, new OnnxRuntimeOptions());
        Assert.True(library.Api.SetLoadCancellation(options, cancel: true).IsOk);

        OrtStatus status = library.Api.CreateSession(
            library.Env, Ort.Recognizer, options, out OrtSessionHandle session);

        Assert.Equal(OrtErrorCode.LoadCanceled, status.Code);
        Assert.True(session.IsInvalid);
    }

    [Fact]
    public void Load_CorruptBytes_IsLoadFailed()
    {
        using var folder = new TestFolder();
        BuiltEngine built = Ort.Backend.Build(
            new EngineBuildOptions { ModelPath = Ort.Classifier, EnginePath = folder.PathOf("a") }, Cancellation);
        byte[] bytes = File.ReadAllBytes(built.Path);
        bytes.AsSpan(0, 64).Fill(0xFF);

        foreach (byte[] bad in new[] { bytes, bytes[..(bytes.Length / 2)], [] })
        {
            var error = Assert.Throws<EngineException>(() => Ort.Backend.Load(bad, Cancellation));
            Assert.Equal(EngineErrorKind.LoadFailed, error.Kind);
            Assert.Equal(BuildFailureKind.LoadFailed, error.FailureKind);
        }
    }

    [Theory]
    [InlineData("Cannot serialize ONNX ModelProto larger than 2GB")]
    [InlineData("The model of 3000000000 bytes exceeded maximum protobuf size of 2GB: 2147483647")]
    public void Errors_ModelBeyondProtobuf_IsEngineTooLarge(string said)
    {
        EngineException error = OrtErrors.From(
            new(OrtErrorCode.Fail, said), EngineErrorKind.BuildFailed, "Model 'm' fails");
        Assert.Equal(EngineErrorKind.EngineTooLarge, error.Kind);
    }

    [Fact]
    public void Errors_LongMessage_IsCut()
    {
        var status = new OrtStatus(OrtErrorCode.Fail, new string('x', 1_000_000));
        Assert.InRange(OrtErrors.From(status, EngineErrorKind.BuildFailed, "Fails").Message.Length, 1000, 3000);
    }

    private static EngineException Refused(byte[] model)
    {
        using var folder = new TestFolder();
        string path = folder.Write("model.onnx", model);
        var options = new EngineBuildOptions { ModelPath = path, EnginePath = folder.PathOf("model.engine") };

        var error = Assert.Throws<EngineException>(() => Ort.Backend.Build(options, Cancellation));

        Assert.Equal(["model.onnx"], folder.Files);
        return error;
    }
}
