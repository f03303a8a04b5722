using System.Security.Cryptography;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Signing;

namespace Pipeline.Edge.Tests.Support;

/// <summary>A key pair made for one test, and what it signs.</summary>
internal sealed class TestSigner : IDisposable
{
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string KeyId { get; } = "test";

    public TrustedKeys Trusted => new(new Dictionary<string, byte[]> { [KeyId] = key.ExportSubjectPublicKeyInfo() });

    public byte[] PublicJson => PipelineJson.Write(
        new Dictionary<string, byte[]> { [KeyId] = key.ExportSubjectPublicKeyInfo() });

    public SignedEnvelope Sign<T>(string type, T payload)
    {
        byte[] bytes = PipelineJson.Write(payload);
        byte[] signature = key.SignData(
            SignedEnvelope.BytesToSign(type, bytes), HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return new SignedEnvelope
        {
            PayloadType = type,
            Payload = Convert.ToBase64String(bytes),
            Signatures = [new EnvelopeSignature { KeyId = KeyId, Signature = Convert.ToBase64String(signature) }],
        };
    }

    public SignedEnvelope State(string model, string version, Lane lane, string digest) => Sign(
        SignedEnvelope.EngineStatementType,
        new EngineStatement
        {
            Model = model,
            Version = version,
            Lane = lane,
            EngineDigest = digest,
            EvidenceDigest = new string('e', 64),
        });

    public void Dispose() => key.Dispose();
}
