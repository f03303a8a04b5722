using System.Security.Cryptography;
using Pipeline.Core.Policies;
using static Pipeline.Core.Builds.DigestText;

namespace Pipeline.Core.Builds;

/// <summary>
/// The name of what was asked for. Every field is written as length:bytes, so that no two different inputs can be spelled
/// the same. Frozen: a change of the spelling makes every engine look unbuilt, so it counts the schema up.
/// </summary>
public static class EngineKey
{
    private const string Schema = "engine-key-v1";

    /// <summary>SHA-256 over the inputs, 64 lower-case hexadecimal digits.</summary>
    public static string Compute(EngineKeyInputs inputs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Schema);
        Add(hash, inputs.SourceSha256);
        Add(hash, inputs.ExternalData.Count);
        foreach ((string location, string digest) in inputs.ExternalData)
        {
            Add(hash, location);
            Add(hash, digest);
        }

        Add(hash, inputs.Conversion);
        Add(hash, inputs.Lane.ToString());
        Add(hash, inputs.CudaRuntime ?? "");
        Add(hash, inputs.Plugins.Length);
        foreach (string plugin in inputs.Plugins.Order(StringComparer.Ordinal)) Add(hash, plugin);
        Add(hash, inputs.Precision);
        Add(hash, inputs.Profiles.Length);
        foreach (ShapeProfile profile in inputs.Profiles) AddProfile(hash, profile);
        Add(hash, inputs.Options.Count);
        foreach ((string name, string value) in inputs.Options)
        {
            Add(hash, name);
            Add(hash, value);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AddProfile(IncrementalHash hash, ShapeProfile profile)
    {
        Add(hash, profile.Name);
        Add(hash, profile.Inputs.Count);
        foreach ((string input, ShapeRange range) in profile.Inputs.OrderBy(i => i.Key, StringComparer.Ordinal))
        {
            Add(hash, input);
            Add(hash, string.Join(',', range.Minimum));
            Add(hash, string.Join(',', range.Typical));
            Add(hash, string.Join(',', range.Maximum));
        }
    }
}
