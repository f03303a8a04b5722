using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests;

/// <summary>Each file for itself.</summary>
public sealed class SyntaxTests
{
    [Fact]
    public void Files_ParseAndDeclareNothingTwice()
    {
        Assert.Contains("main.bicep", BicepFolder.Own.Paths);
        foreach (string path in BicepFolder.Own.Paths) BicepFolder.Own.Open(path);
    }

    [Fact]
    public void Files_UseWhatTheyDeclare() => Assert.Empty(
        from path in BicepFolder.Own.Paths
        where path.EndsWith(".bicep", StringComparison.Ordinal)
        from fault in BicepFolder.Own.Open(path).Unused()
        select fault);

    [Fact]
    public void Modules_AreAllUsed()
    {
        string all = string.Concat(BicepFolder.Own.Paths.Select(BicepFolder.Own.TextOf));
        Assert.All(BicepFolder.Own.Paths.Where(p => p.StartsWith("modules/", StringComparison.Ordinal)),
            path => Assert.Contains(Path.GetFileName(path) + "'", all, StringComparison.Ordinal));
    }

    [Fact]
    public void Parameters_OfTheWholeAreDescribed() => Assert.Empty(
        from parameter in BicepFolder.Own.Open("main.bicep").Of("param")
        where parameter.Decorator("description") is null
        select $"main.bicep:{parameter.Line}: say what '{parameter.Name}' is.");
}
