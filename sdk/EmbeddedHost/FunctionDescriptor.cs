using System.Collections.Immutable;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>A function that was found and can be run.</summary>
internal sealed class FunctionDescriptor(
    string name, MethodInfo method, TriggerBinding trigger, ImmutableArray<ParameterBinder> binders)
    : FunctionDefinition
{
    private readonly ObjectFactory? _factory =
        method.IsStatic ? null : ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);

    private readonly PropertyInfo? _taskResult = method.ReturnType.IsGenericType
        ? method.ReturnType.GetProperty(nameof(Task<>.Result))
        : null;

    public override string Name => name;

    public override string EntryPoint { get; } = $"{method.DeclaringType!.FullName}.{method.Name}";

    public override string Id { get; } = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)), 0, 8);

    public override string PathToAssembly => method.Module.FullyQualifiedName;

    public TriggerBinding Trigger => trigger;

    public ServiceBusOutputAttribute? Output { get; } = method.GetCustomAttribute<ServiceBusOutputAttribute>();

    /// <summary>Makes the class, runs the method, disposes of the class; throws what the function throws.</summary>
    public async Task<object?> RunAsync(EmbeddedFunctionContext context)
    {
        object? instance = _factory?.Invoke(context.InstanceServices, null);
        try
        {
            object?[] arguments = [.. binders.Select(bind => bind(context))];
            object? result = method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, arguments, null);
            if (result is not Task task) return result;
            await task;
            return _taskResult?.GetValue(task);
        }
        finally
        {
            if (instance is IAsyncDisposable asyncDisposable) await asyncDisposable.DisposeAsync();
            else if (instance is IDisposable disposable) disposable.Dispose();
        }
    }
}
