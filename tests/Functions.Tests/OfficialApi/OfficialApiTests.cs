using Microsoft.Azure.Functions.Worker;
using Microsoft.CodeAnalysis;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.OfficialApi;

public sealed class OfficialApiTests
{
    private const string Program = """
        using Microsoft.Azure.Functions.Worker.Builder;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;

        FunctionsApplicationBuilder builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        builder.Services.AddSingleton(TimeProvider.System);
        _ = (builder.Configuration["x"], builder.Environment.EnvironmentName, builder.Properties);
        _ = (builder.Logging, builder.Metrics);
        IHostApplicationBuilder any = builder;
        _ = any.Configuration;
        builder.Build().Run();
        """;

    [Fact]
    public void FunctionsFolder_WithTheOfficialSignatures_Compiles() =>
        Assert.Empty(FunctionsCompiler.Compile(FunctionsCompiler.FunctionsFolder()));

    [Fact]
    public void Sample_WithTheOfficialSignatures_Compiles() =>
        Assert.Empty(FunctionsCompiler.Compile([("Program.cs", Program), ("SampleFunctions.cs", Sample())]));

    [Theory]
    [InlineData("timer.IsPastDue", "timer.IsLate", "CS1061")]
    [InlineData("timer.ScheduleStatus?.Last", "timer.ScheduleStatus.Last", "CS8602")]
    [InlineData("AutoCompleteMessages = false", "MaxCalls = 1", "CS0246")]
    [InlineData("actions.CompleteMessageAsync(message, cancellationToken)", "actions.CompleteAsync(message)", "CS1061")]
    [InlineData("message, null, cancellationToken", "message, cancellationToken", "CS1503")]
    [InlineData("TimerTrigger(\"0 */5 * * * *\", ", "TimerTrigger(", "CS7036")]
    [InlineData("AuthorizationLevel.Function", "AuthorizationLevel.Everyone", "CS0117")]
    [InlineData("[Function(\"SampleHttp\")]", "[Function(\"SampleHttp\"), ServiceBusTrigger(\"q\")]", "CS0592")]
    public void Sample_WithAPlantedMistake_DoesNotCompile(string right, string wrong, string error)
    {
        string sample = Sample();
        Assert.Contains(right, sample, StringComparison.Ordinal);

        IReadOnlyList<string> found = FunctionsCompiler.Compile(
            [("Program.cs", Program), ("SampleFunctions.cs", sample.Replace(right, wrong, StringComparison.Ordinal))]);

        Assert.Contains(found, line => line.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void Sdk_OffersNothingThatTheOfficialPackagesLack() => Assert.Empty(SdkSurface.FindExcess(
        MetadataReference.CreateFromFile(typeof(FunctionAttribute).Assembly.Location)));

    [Theory]
    [InlineData("public class TimerInfo { public bool IsPastDue { get; set; } }", null)]
    [InlineData("public class TimerInfo { public bool IsPastDue { get; } }", "IsPastDue")]
    [InlineData("public class TimerInfo { public bool IsLate { get; set; } }", "IsLate")]
    [InlineData("public class TimerInfo { public object ScheduleStatus { get; set; } }", "ScheduleStatus")]
    [InlineData("public sealed class TimerInfo { }", "sealed")]
    [InlineData("public class TimerInfo : System.IDisposable { void System.IDisposable.Dispose() { } }", "IDisposable")]
    [InlineData("public class Extra { }", "Extra is not listed")]
    [InlineData("internal class Extra { }", null)]
    [InlineData("public enum ServiceBusEntityType { Queue = 1 }", "Queue")]
    [InlineData("[System.AttributeUsage((System.AttributeTargets)4)] public class FunctionAttribute : System.Attribute "
        + "{ public FunctionAttribute(string name) { } }", "FunctionAttribute is")]
    [InlineData("public class FunctionAttribute : System.Attribute { public FunctionAttribute(string? name) { } }",
        "string?")]
    public void Subset_WithMoreThanTheListings_IsFound(string source, string? said)
    {
        MetadataReference subset = OfficialAssemblies.Compile(
            "Planted", $"#nullable enable\nnamespace Microsoft.Azure.Functions.Worker {{ {source} }}", []);

        IReadOnlyList<string> found = SdkSurface.FindExcess(subset);

        if (said is null) Assert.Empty(found);
        else Assert.Contains(found, line => line.Contains(said, StringComparison.Ordinal));
    }

    private static string Sample() => File.ReadAllText(
        Repository.PathOf("tests", "Functions.Tests", "OfficialApi", "SampleFunctions.cs"));
}
