using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Signing;

namespace Pipeline.Core.Tests.Signing;

public sealed class SigningTests : IDisposable
{
    private const string Type = SignedEnvelope.EngineStatementType;

    private readonly TestKey first = new("first");
    private readonly TestKey second = new("second");

    [Fact]
    public void BytesToSign_OfTypeAndPayload_NeverChange() =>
        // DSSE's own example.
        Assert.Equal(
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
            Encoding.UTF8.GetString(SignedEnvelope.BytesToSign("http://example.com/HelloWorld", "hello world"u8)));

    [Fact]
    public void Envelope_SignedByATrustedKey_Opens()
    {
        byte[]? payload = TestKey.Trust(first).Open(first.Sign(Type, "hello"u8), Type, out string? fault);
        Assert.Null(fault);
        Assert.Equal("hello"u8.ToArray(), payload);
    }

    [Fact]
    public void Envelope_WithATamperedPayload_IsRefused()
    {
        SignedEnvelope envelope = first.Sign(Type, "hello"u8) with { Payload = Convert.ToBase64String("hellp"u8) };
        AssertRefused(envelope, "No signature of a trusted key fits the envelope.");
    }

    [Fact]
    public void Envelope_OfAnotherType_IsRefused()
    {
        SignedEnvelope envelope = first.Sign(SignedEnvelope.RouteSnapshotType, "hello"u8);
        AssertRefused(
            envelope, $"The envelope holds '{SignedEnvelope.RouteSnapshotType}', not '{SignedEnvelope.EngineStatementType}'.");
        AssertRefused(envelope with { PayloadType = Type }, "No signature of a trusted key fits the envelope.");
    }

    [Fact]
    public void Envelope_OfAnUnknownKey_IsRefused() =>
        AssertRefused(second.Sign(Type, "hello"u8), "No signature of a trusted key fits the envelope.");

    [Fact]
    public void Envelope_UnderATrustedKeysName_NeedsThatKey()
    {
        using var impostor = new TestKey("first");
        AssertRefused(impostor.Sign(Type, "hello"u8), "No signature of a trusted key fits the envelope.");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("AAAA")]
    public void Envelope_WithABrokenSignature_IsRefused(string signature) =>
        AssertRefused(
            first.Sign(Type, "hello"u8) with { Signatures = [new() { KeyId = "first", Signature = signature }] },
            "No signature of a trusted key fits the envelope.");

    [Fact]
    public void Envelope_WithABrokenPayload_IsRefused() =>
        AssertRefused(first.Sign(Type, "hello"u8) with { Payload = "%" }, "The envelope's payload is not base64.");

    [Fact]
    public void Rotation_WithBothKeysTrusted_BelievesOldAndNew()
    {
        TrustedKeys both = TestKey.Trust(first, second);
        Assert.NotNull(both.Open(first.Sign(Type, "x"u8), Type, out _));
        Assert.NotNull(both.Open(second.Sign(Type, "x"u8), Type, out _));
        SignedEnvelope doubled = first.Sign(Type, "x"u8);
        doubled = doubled with { Signatures = [.. doubled.Signatures, .. second.Sign(Type, "x"u8).Signatures] };
        Assert.NotNull(TestKey.Trust(second).Open(doubled, Type, out _));
    }

    [Fact]
    public void Envelope_WithManySignatures_IsReadOnlySoFar()
    {
        SignedEnvelope envelope = first.Sign(Type, "x"u8);
        EnvelopeSignature good = envelope.Signatures[0];
        EnvelopeSignature[] bad = [.. Enumerable.Repeat(good with { KeyId = "nobody" }, 8)];
        AssertRefused(envelope with { Signatures = [.. bad, good] }, "No signature of a trusted key fits the envelope.");
    }

    [Fact]
    public void TrustedKeys_OfAnotherCurve_AreRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<CryptographicException>(
            () => new TrustedKeys(new Dictionary<string, byte[]> { ["x"] = key.ExportSubjectPublicKeyInfo() }));
    }

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    private void AssertRefused(SignedEnvelope envelope, string expected)
    {
        Assert.Null(TestKey.Trust(first).Open(envelope, Type, out string? fault));
        Assert.Equal(expected, fault);
    }
}
