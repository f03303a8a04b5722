using System.Security.Cryptography;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Tests.Signing;

/// <summary>A key pair of one test.</summary>
internal sealed class TestKey(string id) : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static TrustedKeys Trust(params TestKey[] keys) =>
        new(keys.ToDictionary(k => k.Id, k => k.key.ExportSubjectPublicKeyInfo()));

    public string Id => id;

    public SignedEnvelope Sign(string type, ReadOnlySpan<byte> payload) => new()
    {
        PayloadType = type,
        Payload = Convert.ToBase64String(payload),
        Signatures =
        [
            new EnvelopeSignature
            {
                KeyId = id,
                Signature = Convert.ToBase64String(
                    key.SignData(
                        SignedEnvelope.BytesToSign(type, payload), HashAlgorithmName.SHA256,
                        DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
            },
        ],
    };

    public void Dispose() => key.Dispose();
}
