using Pipeline.Local.Environments;

namespace Pipeline.Local.Tests.Environments;

public sealed class AzdEnvironmentTextTests
{
    [Theory]
    [InlineData("KEY=\"value\"", "value")]
    [InlineData("KEY=\"a \\\"b\\\" \\\\ \\$HOME \\! \\`\"", "a \"b\" \\ $HOME ! `")]
    [InlineData("KEY=\"one\\ntwo\\r\"", "one\ntwo\r")]
    [InlineData("KEY=\"has # in it\" # a comment", "has # in it")]
    [InlineData("KEY='single $HOME \\n'", "single $HOME \\n")]
    [InlineData("KEY=bare # a comment", "bare")]
    [InlineData("KEY=a#b", "a#b")]
    [InlineData("KEY=42", "42")]
    [InlineData("KEY=", "")]
    [InlineData("KEY=\"\"", "")]
    [InlineData("export KEY = \"value\"  \r", "value")]
    [InlineData("\uFEFFKEY=\"value\"", "value")]
    [InlineData("# KEY=\"no\"\n\n  \nKEY=\"old\"\nKEY=\"new\"", "new")]
    public void Read_LineAsAzdWritesIt_GivesTheValue(string text, string value)
    {
        IReadOnlyDictionary<string, string>? values = AzdEnvironmentText.TryRead(text, out string? fault);

        Assert.Null(fault);
        Assert.Equal(new KeyValuePair<string, string>("KEY", value), Assert.Single(values!));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("=secret")]
    [InlineData("A B=secret")]
    [InlineData("1A=secret")]
    [InlineData("KEY=\"secret")]
    [InlineData("KEY=\"secret\\\"")]
    [InlineData("KEY=\"secret\" rest")]
    [InlineData("KEY='secret")]
    [InlineData("\0\u0001=secret")]
    public void Read_Garbage_NamesTheLineAndNotItsContent(string line)
    {
        Assert.Null(AzdEnvironmentText.TryRead($"GOOD=\"1\"\n{line}", out string? fault));

        Assert.Contains("line 2", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EndlessText_IsRefused() =>
        Assert.Null(AzdEnvironmentText.TryRead(new string(' ', AzdEnvironmentText.LengthMaximum + 1), out _));
}
