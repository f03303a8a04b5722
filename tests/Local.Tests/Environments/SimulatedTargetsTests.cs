using Pipeline.Local.Environments;

namespace Pipeline.Local.Tests.Environments;

/// <summary>What <c>--simulate-gpu</c> takes.</summary>
public sealed class SimulatedTargetsTests
{
    [Fact]
    public void Read_ListsAndRepetitions_AreOneList() =>
        Assert.Equal(["sm_75", "sm_90-h200", "sm_80"], SimulatedTargets.Read(["sm_75,sm_90-h200", "sm_80"], out _));

    [Theory]
    [InlineData("sm_75,", "names ''; write GPU targets")]
    [InlineData("sm_75,cpu-x64-avx2", "names 'cpu-x64-avx2'; write GPU targets")]
    [InlineData("sm_75, sm_80", "names ' sm_80'; write GPU targets")]
    [InlineData("sm_75,sm_80,sm_75", "names 'sm_75' twice")]
    [InlineData("sm_70,sm_75,sm_80,sm_86,sm_87,sm_89,sm_90,sm_100,sm_120", "names 9 targets; at most 8 can be simulated")]
    public void Read_AnythingElse_IsOneSentence(string list, string sentence)
    {
        Assert.Empty(SimulatedTargets.Read([list], out string? fault));
        Assert.StartsWith(sentence, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Nothing_IsNone()
    {
        Assert.Empty(SimulatedTargets.Read([], out string? fault));
        Assert.Null(fault);
    }
}
