using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Pipeline.Testing;

namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>The official packages that functions/ references, as assemblies made from their listings.</summary>
internal static class OfficialAssemblies
{
    // Each may use those before it.
    private static readonly string[] Packages =
    [
        "Extensions.Abstractions", "Core", "", "Extensions.Http", "Extensions.Http.AspNetCore", "Extensions.ServiceBus",
        "Extensions.Timer",
    ];

    private static readonly Lazy<IReadOnlyList<MetadataReference>> Made = new(Make);

    public static IReadOnlyList<MetadataReference> References => Made.Value;

    private static List<MetadataReference> Make()
    {
        ApiListing[] listings = [.. Packages.Select(package => ApiListing.Read(Repository.PathOf(
            "tests", "data", "azure-api", $"Microsoft.Azure.Functions.Worker.{package}".TrimEnd('.') + ".txt")))];
        var writer = new StubWriter(listings);
        var made = new List<MetadataReference>();
        foreach (ApiListing listing in listings) made.Add(Compile(listing.Package, writer.Write(listing), made));
        return made;
    }

    /// <summary>One assembly of C#, of which only the signatures matter.</summary>
    public static MetadataReference Compile(string name, string source, IEnumerable<MetadataReference> references)
    {
        var compilation = CSharpCompilation.Create(
            name, [CSharpSyntaxTree.ParseText(source, FunctionsCompiler.Parsing)],
            [.. FunctionsCompiler.Platform, .. references],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        compilation = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText(
            ExplicitImplementations(compilation), FunctionsCompiler.Parsing));
        using var image = new MemoryStream();
        EmitResult result = compilation.Emit(image, options: new EmitOptions(metadataOnly: true));
        return result.Success
            ? MetadataReference.CreateFromImage(image.ToArray())
            : throw new InvalidOperationException($"{name}: {string.Join('\n', result.Diagnostics.Where(
                d => d.Severity == DiagnosticSeverity.Error))}");
    }

    // Listings leave out what a class implements explicitly; the compiler asks for it.
    private static string ExplicitImplementations(CSharpCompilation compilation)
    {
        var format = SymbolDisplayFormat.FullyQualifiedFormat;
        var text = new System.Text.StringBuilder("#nullable enable annotations\n");
        foreach (INamedTypeSymbol type in TypesOf(compilation.Assembly.GlobalNamespace))
        {
            if (type.TypeKind is not TypeKind.Class) continue;
            foreach (ISymbol member in type.AllInterfaces.SelectMany(i => i.GetMembers()))
            {
                if (type.FindImplementationForInterfaceMember(member) is not null) continue;
                string of = member.ContainingType.ToDisplayString(format);
                string? code = member switch
                {
                    IPropertySymbol property => $"{property.Type.ToDisplayString(format)} {of}.{property.Name} {{ "
                        + (property.GetMethod is null ? "" : "get => throw null!; ")
                        + (property.SetMethod is null ? "" : "set => throw null!; ") + "}",
                    IMethodSymbol { MethodKind: MethodKind.Ordinary, Parameters.IsEmpty: true } method =>
                        $"{method.ReturnType.ToDisplayString(format)} {of}.{method.Name}() => throw null!;",
                    _ => null,
                };
                if (code is not null)
                    text.Append($"namespace {type.ContainingNamespace} {{ partial class {type.Name} {{ {code} }} }}\n");
            }
        }

        return text.ToString();
    }

    internal static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceSymbol space) =>
        space.GetTypeMembers().Concat(space.GetNamespaceMembers().SelectMany(TypesOf));
}
