using System.ComponentModel.DataAnnotations;

namespace Pipeline.Cloud.Connections;

/// <summary>
/// Where storage and Service Bus are: section <c>Pipeline</c>. Connection strings are for a local environment; in Azure
/// the URIs and the namespace are set and the program's identity opens them.
/// </summary>
public sealed class CloudOptions : IValidatableObject
{
    public const string Section = "Pipeline";

    /// <summary>Connection string of the storage account.</summary>
    public string? Storage { get; set; }

    /// <summary>
    /// Such as <c>https://account.blob.core.windows.net</c>; used when <see cref="Storage"/> is not set.
    /// </summary>
    public Uri? BlobServiceUri { get; set; }

    /// <summary>
    /// Such as <c>https://account.table.core.windows.net</c>; used when <see cref="Storage"/> is not set.
    /// </summary>
    public Uri? TableServiceUri { get; set; }

    /// <summary>
    /// Connection string of the Service Bus namespace. Only programs that send or take messages need it.
    /// </summary>
    public string? ServiceBus { get; set; }

    /// <summary>Such as <c>name.servicebus.windows.net</c>; used when <see cref="ServiceBus"/> is not set.</summary>
    public string? ServiceBusNamespace { get; set; }

    /// <summary>
    /// Client id of the user-assigned managed identity. Default: whatever identity the environment offers.
    /// </summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>Whether a Service Bus is configured at all.</summary>
    public bool HasServiceBus => !string.IsNullOrEmpty(ServiceBus) || !string.IsNullOrEmpty(ServiceBusNamespace);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Storage) && (BlobServiceUri is null || TableServiceUri is null))
        {
            yield return new ValidationResult(
                $"No storage account is configured: set '{Section}:{nameof(Storage)}' to a connection string, or " +
                $"'{Section}:{nameof(BlobServiceUri)}' and '{Section}:{nameof(TableServiceUri)}'.",
                [nameof(Storage)]);
        }
    }
}
