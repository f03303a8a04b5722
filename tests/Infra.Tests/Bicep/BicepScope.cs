namespace Pipeline.Infra.Tests.Bicep;

/// <summary>The names that an expression sees: a file's own, and those of the loops and lambdas around it.</summary>
internal sealed record BicepScope(BicepRun Run, BicepScope? Outer = null, string? Name = null, object? Value = null)
{
    public BicepScope With(string name, object? value) => new(Run, this, name, value);

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
