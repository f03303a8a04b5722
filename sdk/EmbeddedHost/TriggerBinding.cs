using System.Reflection;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>Makes one argument of a function from the invocation.</summary>
internal delegate object? ParameterBinder(EmbeddedFunctionContext context);

/// <summary>One function's trigger: what it listens to, and which parameters it can fill.</summary>
internal abstract record TriggerBinding
{
    /// <summary>For the table that start-up logs.</summary>
    public abstract string Description { get; }

    /// <summary>For the message of an unsupported parameter: what the trigger's own parameter may be.</summary>
    public abstract string TriggerTypes { get; }

    /// <summary>The binder of the trigger's own parameter; null when its type is not supported.</summary>
    public abstract ParameterBinder? BindTrigger(Type type);

    /// <summary>The binder of another parameter; null when the trigger has nothing for it.</summary>
    public virtual ParameterBinder? BindOther(ParameterInfo parameter) => null;

    /// <summary>What is wrong with a return type (awaited; void when nothing), or null.</summary>
    public virtual string? RefuseResult(Type result, ServiceBusOutputAttribute? output) => output switch
    {
        null => result == typeof(void) ? null : "returns a value that nothing takes; return Task",
        _ when result == typeof(string) || result == typeof(string[]) => null,
        _ => "has [ServiceBusOutput] but does not return string or string[]; the official host sends nothing else as "
            + "it is (a ServiceBusMessage becomes JSON): send it with a ServiceBusSender",
    };
}
