namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks a public method of a public class as a function with a name that is unique in the app.</summary>
[AttributeUsage(AttributeTargets.Method)]
#pragma warning disable CA1813 // The official attribute is not sealed.
public class FunctionAttribute(string name) : Attribute
#pragma warning restore CA1813
{
    public string Name { get; } = name;
}
