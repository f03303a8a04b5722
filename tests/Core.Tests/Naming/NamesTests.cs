using Pipeline.Core.Json;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Tests.Naming;

public sealed class NamesTests
{
    [Theory]
    [InlineData("ocr-rec", true)]
    [InlineData("a", true)]
    [InlineData("7b", true)]
    [InlineData("", false)]
    [InlineData("Ocr", false)]
    [InlineData("ocr--rec", false)]
    [InlineData("-ocr", false)]
    [InlineData("ocr-", false)]
    [InlineData("ocr_rec", false)]
    [InlineData("ocr/rec", false)]
    [InlineData("ocr\n", false)]
    [InlineData("..", false)]
    [InlineData(null, false)]
    public void Model_Name_IsNarrow(string? name, bool valid) => Assert.Equal(valid, Names.IsModel(name));

    [Fact]
    public void Model_LongerThan63_IsRefused()
    {
        Assert.True(Names.IsModel(new string('a', 63)));
        Assert.False(Names.IsModel(new string('a', 64)));
    }

    [Theory]
    [InlineData("4", true)]
    [InlineData("2026.11_rc-1", true)]
    [InlineData("V2", true)]
    [InlineData(".4", false)]
    [InlineData("-4", false)]
    [InlineData("4/5", false)]
    [InlineData("4|5", false)]
    [InlineData("", false)]
    [InlineData("123456789012345678901234567890123", false)]
    public void Version_Name_IsNarrow(string name, bool valid) => Assert.Equal(valid, Names.IsVersion(name));

    [Theory]
    [InlineData("sm_75", true)]
    [InlineData("sm_120", true)]
    [InlineData("sm_90-h200", true)]
    [InlineData("cpu-x64-avx2", true)]
    [InlineData("cpu-arm64", true)]
    [InlineData("cpu", false)]
    [InlineData("sm_7", false)]
    [InlineData("sm75", false)]
    [InlineData("SM_75", false)]
    [InlineData("gpu-x", false)]
    public void Target_Name_IsNarrow(string name, bool valid) => Assert.Equal(valid, Names.IsTarget(name));

    [Theory]
    [InlineData("trt-11.1.0.106", true)]
    [InlineData("ort-1.29.0-cpu", true)]
    [InlineData("ort-1.29.0", true)]
    [InlineData("ort-1.29", false)]
    [InlineData("ort", false)]
    [InlineData("tvm-1.0.0", false)]
    public void Runtime_Name_CarriesItsExactVersion(string name, bool valid) => Assert.Equal(valid, Names.IsRuntime(name));

    [Fact]
    public void Sha256_Text_IsLowerCaseHexadecimal()
    {
        Assert.True(Names.IsSha256(Some.Sha256("x")));
        Assert.False(Names.IsSha256(Some.Sha256("x").ToUpperInvariant()));
        Assert.False(Names.IsSha256(Some.Sha256("x")[1..]));
    }

    [Theory]
    [InlineData("sm_75")]
    [InlineData("sm_75/")]
    [InlineData("sm_75/trt-11.1.0.106/x")]
    [InlineData("nowhere/trt-11.1.0.106")]
    [InlineData(null)]
    public void Lane_Text_NeedsTargetAndRuntime(string? text)
    {
        Assert.False(Lane.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Lane.Parse(text!));
    }

    [Fact]
    public void Lane_Text_ReadsBack()
    {
        Assert.Equal(Some.TensorRt, Lane.Parse(Some.TensorRt.ToString()));
        Assert.True(Some.Cpu < Some.TensorRt);
    }

    [Theory]
    [InlineData("""{"done":["x",7]}""")]
    [InlineData("""{"done":null}""")]
    [InlineData("""{}""")]
    [InlineData("""null""")]
    [InlineData("""{"done":[""")]
    public void Json_ThatDoesNotFit_BecomesOneSentence(string json)
    {
        Assert.Null(PipelineJson.TryRead<Core.Management.CommandResult>(
            System.Text.Encoding.UTF8.GetBytes(json), out string? fault));
        Assert.NotNull(fault);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"nowhere\"")]
    [InlineData("null")]
    public void Json_WithAnotherLane_BecomesOneSentence(string lane)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(
            $$"""{"model":"m","version":"1","lane":{{lane}},"engineDigest":"d","evidenceDigest":"e"}""");
        Assert.Null(PipelineJson.TryRead<Core.Signing.EngineStatement>(json, out string? fault));
        Assert.NotNull(fault);
    }
}
