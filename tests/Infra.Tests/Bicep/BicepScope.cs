namespace Pipeline.Infra.Tests.Bicep;

/// <summary>The names that an expression sees: a file's own, and those of the loops and lambdas around it.</summary>
internal sealed record BicepScope(
    BicepRun Run, BicepScope? Outer = null, string? Name = null, object? Value = null, bool OfLambda = false)
{
    public BicepScope With(string name, object? value) => new(Run, this, name, value);

    public BicepScope WithArgument(string name, object? value) => With(name, value) with { OfLambda = true };

    /// <summary>Whether a name is an argument of a lambda, which is not known before the deployment runs.</summary>
    public bool IsArgument(string? name) => Name == name ? OfLambda : Outer?.IsArgument(name) == true;

    public bool TryFind(string name, out object? value)
    {
        for (BicepScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.Name != name) continue;
            value = scope.Value;
            return true;
        }

        value = null;
        return false;
    }
}
