using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>Compiles function classes as the build for Azure would, with the official signatures.</summary>
internal static class FunctionsCompiler
{
    public static readonly CSharpParseOptions Parsing = new(LanguageVersion.CSharp14);

    // What Microsoft.NET.Sdk gives with ImplicitUsings; a project's own Using items come on top.
    private static readonly string[] ImplicitUsings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading",
        "System.Threading.Tasks",
    ];

    private static readonly string[] GeneratorNames =
    [
        "Microsoft.Extensions.Logging.Generators", "Microsoft.Extensions.Options.SourceGeneration",
        "System.Text.Json.SourceGeneration", "System.Text.RegularExpressions.Generator",
    ];

    // What this process runs on, less our own subset and what is made from it.
    public static readonly IReadOnlyList<MetadataReference> Platform =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileNameWithoutExtension(path)
                is not ("Pipeline.Sdk" or "Pipeline.Functions" or "Pipeline.Functions.Tests"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static readonly Lazy<ISourceGenerator[]> Generators = new(LoadGenerators);

    /// <summary>Every C# file of functions/, by its path.</summary>
    public static IEnumerable<(string Path, string Source)> FunctionsFolder() => Directory
        .EnumerateFiles(Repository.PathOf("functions"), "*.cs", SearchOption.AllDirectories)
        .Select(path => (path, File.ReadAllText(path)));

    /// <summary>The errors and warnings, of which a build allows none.</summary>
    public static IReadOnlyList<string> Compile(IEnumerable<(string Path, string Source)> sources)
    {
        var compilation = CSharpCompilation.Create(
            "Pipeline.Functions",
            [
                .. sources.Select(source => CSharpSyntaxTree.ParseText(source.Source, Parsing, source.Path)),
                CSharpSyntaxTree.ParseText(string.Concat(GlobalUsings()), Parsing, "GlobalUsings.cs"),
            ],
            [.. Platform, .. OfficialAssemblies.References],
            // As the SDK does, an assembly may stand for an older version of itself (the two warnings).
            new CSharpCompilationOptions(
                OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable,
                specificDiagnosticOptions:
                    [new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)]));
        CSharpGeneratorDriver.Create(Generators.Value, parseOptions: Parsing)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation generated, out var fromGenerators);
        return
        [
            .. generated.GetDiagnostics().Concat(fromGenerators)
                .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
                .Select(diagnostic => diagnostic.ToString()),
        ];
    }

    private static IEnumerable<string> GlobalUsings() => XDocument
        .Load(Repository.PathOf("functions", "Functions.csproj")).Descendants("Using")
        .Select(item => (item.Attribute("Static") is null ? "" : "static ") + item.Attribute("Include")!.Value)
        .Concat(ImplicitUsings).Select(name => $"global using {name};\n");

    private static ISourceGenerator[] LoadGenerators()
    {
        // shared/Microsoft.NETCore.App/VERSION of the installation that also has packs/.
        string packs = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../../packs"));
        return
        [
            .. new[] { "Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref" }
                .Select(pack => Directory.EnumerateDirectories(Path.Combine(packs, pack), "10.*").Max()!)
                .Select(pack => Path.Combine(pack, "analyzers", "dotnet", "cs"))
                .SelectMany(folder => GeneratorNames.Select(name => Path.Combine(folder, name + ".dll")))
                .Where(File.Exists)
                .SelectMany(path => new AnalyzerFileReference(path, new Loader()).GetGenerators(LanguageNames.CSharp)),
        ];
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
