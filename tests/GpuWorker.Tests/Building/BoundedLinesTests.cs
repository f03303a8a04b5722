using Pipeline.GpuWorker.Building;

namespace Pipeline.GpuWorker.Tests.Building;

public sealed class BoundedLinesTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a\n\nbc\n", new[] { "a", "", "bc" })]
    [InlineData("abcdef\nghi", new[] { "abcd", "ghi" })]
    [InlineData("abcdefgh", new[] { "abcd" })]
    public async Task Read_Lines_AreCutAtTheBound(string text, string[] expected)
    {
        using var reader = new StringReader(text);

        Assert.Equal(expected, await ReadAsync(reader, 4));
    }

    [Fact]
    public async Task Read_LineLongerThanTheBuffer_IsOneLine()
    {
        using var reader = new StringReader($"{new string('x', 100_000)}\ny\n");

        string[] lines = await ReadAsync(reader, 20_000);

        Assert.Equal([20_000, 1], lines.Select(l => l.Length));
    }

    private static async Task<string[]> ReadAsync(TextReader reader, int lengthMaximum)
    {
        var lines = new List<string>();
        await foreach (string line in BoundedLines.ReadAsync(reader, lengthMaximum, Workbench.Cancel)) lines.Add(line);
        return [.. lines];
    }
}
