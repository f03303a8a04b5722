using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.GpuWorker.Offline;

/// <summary>
/// Reads a policy for one lane of this machine: for which lanes it was written, and how many must pass, says nothing here.
/// </summary>
internal static class OfflinePolicy
{
    private static readonly string[] OfDeployments = ["lanes", "targets", "quorum"];

    /// <exception cref="InvalidDataException">The file is no policy; a line each fault.</exception>
    public static PromotionPolicy Read(FileInfo file, Lane lane)
    {
        // One byte more than is allowed is enough for the reader to say that it is too much.
        byte[] json = new byte[Math.Min(file.Length, PromotionPolicy.SizeBytesMaximum + 1)];
        using (FileStream stream = file.OpenRead()) stream.ReadExactly(json);
        PolicyReading reading = PolicyReader.Read(WithoutDeployments(json), [lane]);
        return reading.Policy ?? throw new InvalidDataException(string.Join('\n', reading.Errors.Select(e => $"{file.Name}: {e}")));
    }

    private static byte[] WithoutDeployments(byte[] json)
    {
        try
        {
            if (JsonNode.Parse(json) is not JsonObject policy) return json;
            foreach (string name in OfDeployments) policy.Remove(name);
            return Encoding.UTF8.GetBytes(policy.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // The policy reader says what is wrong with it.
            return json;
        }
    }
}
