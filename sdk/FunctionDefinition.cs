namespace Microsoft.Azure.Functions.Worker;

/// <summary>The function that an invocation runs.</summary>
public abstract class FunctionDefinition
{
    public abstract string Id { get; }

    public abstract string Name { get; }

    public abstract string EntryPoint { get; }

    public abstract string PathToAssembly { get; }
}
