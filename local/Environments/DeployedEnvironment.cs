using System.Collections.Immutable;
using Pipeline.Core.Naming;
using Pipeline.Local.Commands;

namespace Pipeline.Local.Environments;

/// <summary>
/// An environment in Azure, as the outputs of its deployment tell it. What a command does not ask for may be missing; asking
/// for a value that is missing or wrong throws a <see cref="CommandException"/> with one sentence.
/// </summary>
public sealed class DeployedEnvironment
{
    public const string FunctionsUrl = "PIPELINE_FUNCTIONS_URL";
    public const string ApiAudience = "PIPELINE_API_AUDIENCE";
    public const string StorageAccountName = "PIPELINE_STORAGE_ACCOUNT";
    public const string ServiceBusNamespaceName = "PIPELINE_SERVICEBUS_NAMESPACE";
    public const string LaneList = "PIPELINE_LANES";
    public const string TenantId = "AZURE_TENANT_ID";

    private static readonly string[] Keys =
        [FunctionsUrl, ApiAudience, StorageAccountName, ServiceBusNamespaceName, LaneList, TenantId];

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<string>? others;

    private DeployedEnvironment(string name, IReadOnlyList<string>? others) => (Name, this.others) = (name, others);

    public string Name { get; }

    /// <summary>Values of the process's environment that stand in for other values of the file.</summary>
    public ImmutableArray<string> Overridden { get; private init; } = [];

    /// <summary>Base address of the functions; the management API is under <c>api/</c>.</summary>
    public Uri Functions =>
        Uri.TryCreate(Require(FunctionsUrl), UriKind.Absolute, out Uri? url) && url.AbsolutePath == "/" && url.Query.Length == 0 &&
        (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback))
            ? url
            : throw Wrong(FunctionsUrl, "https://NAME.azurewebsites.net");

    /// <summary>The application whose tokens the management API takes.</summary>
    public string Audience => Require(ApiAudience) is var audience && !audience.Any(char.IsWhiteSpace)
        ? audience
        : throw Wrong(ApiAudience, "api://CLIENT-ID");

    /// <summary>Blobs of the storage account: its name in Azure's public cloud, or an address.</summary>
    public Uri Blobs
    {
        get
        {
            string text = Require(StorageAccountName);
            bool isName = text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));
            return Uri.TryCreate(isName ? $"https://{text}.blob.core.windows.net" : text, UriKind.Absolute, out Uri? address) &&
                address.Scheme == Uri.UriSchemeHttps
                    ? address
                    : throw Wrong(StorageAccountName, "the name of the storage account");
        }
    }

    /// <summary>Full name of the Service Bus namespace.</summary>
    public string ServiceBus
    {
        get
        {
            string name = Require(ServiceBusNamespaceName);
            string host = name.Contains('.', StringComparison.Ordinal) ? name : name + ".servicebus.windows.net";
            return Uri.CheckHostName(host) == UriHostNameType.Dns
                ? host
                : throw Wrong(ServiceBusNamespaceName, "NAME.servicebus.windows.net");
        }
    }

    /// <summary>The lanes that it builds on; null when the deployment, which is there, does not tell.</summary>
    public ImmutableArray<Lane>? Lanes
    {
        get
        {
            if (Optional(LaneList) is not { } text) return IsThere ? null : throw NotThere(LaneList);
            var lanes = ImmutableArray.CreateBuilder<Lane>();
            foreach (string part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                lanes.Add(Lane.TryParse(part, out Lane lane) ? lane : throw Wrong(LaneList, "TARGET/RUNTIME;TARGET/RUNTIME"));
            return lanes.ToImmutable();
        }
    }

    /// <summary>The Entra tenant to sign in to; null for the account's own.</summary>
    public string? Tenant => Optional(TenantId);

    /// <param name="known">What azd knows.</param>
    /// <param name="name">The environment.</param>
    /// <param name="variable">A variable of the process's environment, which wins; null when it is not set.</param>
    /// <exception cref="CommandException">It is no name, or its file cannot be read.</exception>
    public static DeployedEnvironment Find(AzdEnvironments known, string name, Func<string, string?> variable)
    {
        IReadOnlyDictionary<string, string>? file = known.Find(name);
        var own = Keys.Select(key => (Key: key, Value: variable(key))).Where(p => !string.IsNullOrWhiteSpace(p.Value)).ToArray();
        var found = new DeployedEnvironment(name, file is null ? known.Names() : null)
        {
            Overridden = [.. own.Where(p => file?.GetValueOrDefault(p.Key) is { } other && other != p.Value).Select(p => p.Key)],
        };
        foreach (string key in Keys)
        {
            if (file?.GetValueOrDefault(key) is { } value && !string.IsNullOrWhiteSpace(value)) found.values[key] = value.Trim();
        }

        foreach ((string key, string? value) in own) found.values[key] = value!.Trim();
        return found;
    }

    /// <summary>Whether anything is known of it.</summary>
    private bool IsThere => others is null || values.Keys.Any(key => key != TenantId);

    private string? Optional(string key) => values.GetValueOrDefault(key);

    private string Require(string key)
    {
        if (Optional(key) is { } value) return value;
        if (others is null)
        {
            throw new CommandException(
                $"Environment '{Name}' has no {key}: deploy it with 'azd up -e {Name}', read its outputs with " +
                $"'azd env refresh -e {Name}', or set {key}.");
        }

        throw NotThere(key);
    }

    private CommandException NotThere(string key)
    {
        string there = others is { Count: > 0 } ? $"there are {string.Join(", ", others.Select(o => $"'{o}'"))}" : "there are none";
        return new CommandException(
            $"There is no environment '{Name}' in .azure ({there}); fetch it with 'azd env refresh -e {Name}', or set {key}.",
            ExitCodes.NoEnvironment);
    }

    private CommandException Wrong(string key, string right) =>
        new($"{key} of environment '{Name}' is '{values[key]}'; it should be like '{right}'.");
}
