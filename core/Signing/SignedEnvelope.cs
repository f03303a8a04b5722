using System.Collections.Immutable;
using System.Text;

namespace Pipeline.Core.Signing;

/// <summary>
/// A signed statement in the Dead Simple Signing Envelope form: what is signed is the type and the exact payload bytes, so
/// nothing has to be written the same way twice.
/// </summary>
public sealed record SignedEnvelope
{
    public const string EngineStatementType = "application/vnd.pipeline.engine-statement.v1+json";
    public const string RouteSnapshotType = "application/vnd.pipeline.route-snapshot.v1+json";

    public required string PayloadType { get; init; }

    /// <summary>The payload, base64.</summary>
    public required string Payload { get; init; }

    public required ImmutableArray<EnvelopeSignature> Signatures { get; init; }

    /// <summary>The bytes that a signature covers: DSSE's pre-authentication encoding.</summary>
    public static byte[] BytesToSign(string payloadType, ReadOnlySpan<byte> payload)
    {
        byte[] head = Encoding.UTF8.GetBytes(
            $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ");
        return [.. head, .. payload];
    }
}
