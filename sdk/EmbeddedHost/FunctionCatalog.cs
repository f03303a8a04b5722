using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.Http;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.ServiceBus;
using Microsoft.Azure.Functions.Worker.EmbeddedHost.Timers;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Azure.Functions.Worker.EmbeddedHost;

/// <summary>The app's functions. It exists only when every one of them can run.</summary>
internal sealed class FunctionCatalog
{
    private readonly IConfiguration _configuration;
    private readonly HostSettings _settings;
    private readonly bool _webApplication;

    /// <exception cref="FunctionWorkerException">Functions can't run; each fault is a line of the message.</exception>
    public FunctionCatalog(
        IEnumerable<Type> types, IConfiguration configuration, HostSettings settings, bool webApplication)
    {
        (_configuration, _settings, _webApplication) = (configuration, settings, webApplication);
        const BindingFlags declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.Static | BindingFlags.Instance;
        var faults = new List<string>();
        var functions = new Dictionary<string, FunctionDescriptor>(StringComparer.OrdinalIgnoreCase);
        foreach (MethodInfo method in types.SelectMany(type => type.GetMethods(declared)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { Name: var name }) continue;
            try
            {
                FunctionDescriptor function = Describe(name, method);
                if (!functions.TryAdd(name, function))
                {
                    throw new FunctionWorkerException(
                        $"has the name of '{functions[name].EntryPoint}' too; give '{function.EntryPoint}' another");
                }
            }
            catch (FunctionWorkerException fault)
            {
                faults.Add($"Function '{name}' {fault.Message.TrimEnd('.')}.");
            }
        }

        All = [.. functions.Values.OrderBy(function => function.Name, StringComparer.Ordinal)];
        faults.AddRange(HttpTriggerBinding.FindAmbiguous(All));
        if (faults.Count > 0) throw new FunctionWorkerException(string.Join(Environment.NewLine, faults));
    }

    public IReadOnlyList<FunctionDescriptor> All { get; }

    private FunctionDescriptor Describe(string name, MethodInfo method)
    {
        Type type = method.DeclaringType!;
        Check(method.IsPublic && type.IsVisible, $"is not public: make '{type.Name}.{method.Name}' public");
        Check(!method.IsGenericMethod && !type.IsGenericType && (method.IsStatic || !type.IsAbstract),
            "is generic or abstract, so that nobody can call it");
        ParameterInfo[] triggers =
            [.. method.GetParameters().Where(p => p.GetCustomAttribute<TriggerBindingAttribute>() is not null)];
        Check(triggers.Length == 1, $"has {triggers.Length} parameters with a trigger attribute; it must have one");

        TriggerBinding trigger = Bind(name, triggers[0]);
        var output = method.GetCustomAttribute<ServiceBusOutputAttribute>();
        if (output is not null) SettingExpression.Resolve(output.QueueOrTopicName, _configuration);
        if (trigger.RefuseResult(ResultOf(method), output) is { } refusal) throw new FunctionWorkerException(refusal);
        return new FunctionDescriptor(
            name, method, trigger, [.. method.GetParameters().Select(p => Bind(p, trigger, p == triggers[0]))]);
    }

    private TriggerBinding Bind(string name, ParameterInfo parameter) =>
        parameter.GetCustomAttribute<TriggerBindingAttribute>() switch
        {
            ServiceBusTriggerAttribute trigger =>
                ServiceBusTriggerBinding.Create(trigger, parameter, _configuration, _settings),
            HttpTriggerAttribute trigger when _webApplication =>
                HttpTriggerBinding.Create(trigger, name, _settings),
            HttpTriggerAttribute => throw new FunctionWorkerException(
                "has an HTTP trigger: call builder.ConfigureFunctionsWebApplication() in Program.cs"),
            TimerTriggerAttribute trigger => TimerTriggerBinding.Create(trigger, _configuration),
            var other => throw new FunctionWorkerException($"has '{other?.GetType().Name}', which this host can't run"),
        };

    private static ParameterBinder Bind(ParameterInfo parameter, TriggerBinding trigger, bool isTrigger)
    {
        Type type = parameter.ParameterType;
        ParameterBinder? binder = isTrigger ? trigger.BindTrigger(type)
            : type == typeof(FunctionContext) ? static context => context
            : type == typeof(CancellationToken) ? static context => context.CancellationToken
            : trigger.BindOther(parameter);
        return binder ?? throw new FunctionWorkerException(isTrigger
            ? $"takes its trigger '{parameter.Name}' as {type.Name}, which is not supported: use {trigger.TriggerTypes}"
            : $"has parameter '{parameter.Name}' of type {type.Name}, which this trigger has nothing for: remove it");
    }

    private static Type ResultOf(MethodInfo method)
    {
        Type type = method.ReturnType;
        Type? generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        Check(type != typeof(ValueTask) && generic != typeof(ValueTask<>), "returns a ValueTask; return a Task");
        Check(type != typeof(void) || method.GetCustomAttribute<AsyncStateMachineAttribute>() is null,
            "is async void, so that nobody can await it; return Task");
        return generic == typeof(Task<>) ? type.GetGenericArguments()[0] : type == typeof(Task) ? typeof(void) : type;
    }

    private static void Check(bool holds, string fault)
    {
        if (!holds) throw new FunctionWorkerException(fault);
    }
}
