using System.ComponentModel.DataAnnotations;

namespace Pipeline.Cloud.Signing;

/// <summary>Which key signs: section <c>Pipeline:Signing</c>. Only the functions have one.</summary>
public sealed class SigningOptions : IValidatableObject
{
    public const string Section = "Pipeline:Signing";

    /// <summary>Path of a development key file, made on first use.</summary>
    public string? KeyFile { get; set; }

    /// <summary>URI of a P-256 key in Key Vault.</summary>
    public Uri? KeyVaultKey { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(KeyFile) == KeyVaultKey is null)
        {
            yield return new ValidationResult(
                $"Set one of '{Section}:{nameof(KeyFile)}' (local) and '{Section}:{nameof(KeyVaultKey)}' (Azure).",
                [nameof(KeyFile)]);
        }
    }
}
