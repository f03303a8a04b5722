using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Pipeline.Functions.Tests.OfficialApi;

/// <summary>Compares what a subset offers with what the official packages do.</summary>
internal static class SdkSurface
{
    private static readonly SymbolDisplayFormat Signature = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        genericsOptions: SymbolDisplayGenericsOptions.IncludeTypeParameters
            | SymbolDisplayGenericsOptions.IncludeTypeConstraints,
        memberOptions: SymbolDisplayMemberOptions.IncludeAccessibility | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeConstantValue | SymbolDisplayMemberOptions.IncludeRef,
        parameterOptions: SymbolDisplayParameterOptions.IncludeExtensionThis | SymbolDisplayParameterOptions.IncludeType
            | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut,
        propertyStyle: SymbolDisplayPropertyStyle.ShowReadWriteDescriptor,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>A line for each public type or member of the subset that the official packages lack.</summary>
    public static IReadOnlyList<string> FindExcess(MetadataReference subset)
    {
        var compilation = CSharpCompilation.Create(
            "Comparing", references: [.. FunctionsCompiler.Platform, .. OfficialAssemblies.References, subset]);
        var ours = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(subset)!;
        IAssemblySymbol[] official =
            [.. OfficialAssemblies.References.Select(r => (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(r)!)];
        return
        [
            .. OfficialAssemblies.TypesOf(ours.GlobalNamespace)
                .Where(type => type.DeclaredAccessibility == Accessibility.Public)
                .SelectMany(type => Compare(
                    type, official.Select(assembly => assembly.GetTypeByMetadataName(MetadataNameOf(type)))
                        .FirstOrDefault(found => found is not null))),
        ];
    }

    private static IEnumerable<string> Compare(INamedTypeSymbol ours, INamedTypeSymbol? official)
    {
        if (official is null) return [$"{ours} is not listed"];
        HashSet<string> listed = [.. MembersOf(official)];
        IEnumerable<string> excess = MembersOf(ours).Where(member => !listed.Contains(member))
            .Select(member => $"{ours}: '{member}' is not listed");
        HashSet<string> interfaces = [.. official.AllInterfaces.Select(i => i.ToDisplayString(Signature))];
        excess = excess.Concat(ours.AllInterfaces.Select(i => i.ToDisplayString(Signature))
            .Where(i => !interfaces.Contains(i)).Select(i => $"{ours}: the interface '{i}' is not listed"));
        return DescriptionOf(ours) == DescriptionOf(official)
            ? excess
            : excess.Append($"{ours} is '{DescriptionOf(ours)}', listed as '{DescriptionOf(official)}'");
    }

    private static IEnumerable<string> MembersOf(INamedTypeSymbol type) => type.GetMembers()
        .Where(member => member.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected
            && member is not IMethodSymbol { AssociatedSymbol: not null } and not IFieldSymbol { Name: "value__" })
        // Who may call an abstract type's constructor is the same either way.
        .Select(member => member.ToDisplayString(Signature).Replace(
            member is IMethodSymbol { MethodKind: MethodKind.Constructor } && type.IsAbstract ? "protected " : "\0",
            "public ", StringComparison.Ordinal));

    private static string DescriptionOf(INamedTypeSymbol type) =>
        $"{(type.IsStatic ? "static " : "")}{(type.IsAbstract ? "abstract " : "")}{(type.IsSealed ? "sealed " : "")}"
        + $"{type.TypeKind} : {type.BaseType?.ToDisplayString(Signature)} {UsageOf(type)}";

    // Of the attribute itself, or else of the nearest base that says it.
    private static string UsageOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? t = type; t is not null; t = t.BaseType)
        {
            AttributeData? usage = t.GetAttributes()
                .FirstOrDefault(a => a.AttributeClass?.Name == nameof(AttributeUsageAttribute));
            if (usage is null) continue;
            return $"{{{usage.ConstructorArguments[0].Value} "
                + $"{string.Join(' ', usage.NamedArguments.Select(n => $"{n.Key}={n.Value.Value}").Order())}}}";
        }

        return "";
    }

    private static string MetadataNameOf(INamedTypeSymbol type) => $"{type.ContainingNamespace}.{type.MetadataName}";
}
