using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Cloud.Signing;
using Pipeline.Core.Json;
using Pipeline.Core.Signing;
using Pipeline.Testing;

namespace Pipeline.Cloud.Tests.Signing;

public sealed class SigningTests : IDisposable
{
    private const string PayloadType = SignedEnvelope.EngineStatementType;

    private readonly TemporaryFolder folder = new();
    private readonly DevelopmentSigner signer;

    public SigningTests() => signer = DevelopmentSigner.Open(folder.PathOf("keys", "signing.pem"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        signer.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Key_MadeOnFirstUse_StaysAndIsReadableByItsOwnerAlone()
    {
        using DevelopmentSigner again = DevelopmentSigner.Open(folder.PathOf("keys", "signing.pem"));

        Assert.Equal(signer.KeyId, again.KeyId);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(signer.PublicKey))[..16], signer.KeyId);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(folder.PathOf("keys", "signing.pem")));
        }
    }

    [Fact]
    public async Task Key_OpenedByManyAtOnce_IsTheSame()
    {
        string path = folder.PathOf("raced.pem");

        DevelopmentSigner[] signers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => DevelopmentSigner.Open(path), Cancel)));

        Assert.Single(signers.Select(s => s.KeyId).Distinct());
        Assert.Equal("raced.pem", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.Root))));
        foreach (DevelopmentSigner s in signers) s.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    public void KeyFile_WithSomethingElse_IsRefused(string text)
    {
        File.WriteAllText(folder.PathOf("other.pem"), text);

        Assert.Throws<InvalidDataException>(() => DevelopmentSigner.Open(folder.PathOf("other.pem")));
    }

    [Fact]
    public void KeyFile_WithAPublicOrOtherKey_IsRefused()
    {
        File.WriteAllText(folder.PathOf("public.pem"), signer.PublicKeyPem);
        using var large = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        File.WriteAllText(folder.PathOf("large.pem"), large.ExportPkcs8PrivateKeyPem());

        Assert.Throws<InvalidDataException>(() => DevelopmentSigner.Open(folder.PathOf("public.pem")));
        Assert.Throws<InvalidDataException>(() => DevelopmentSigner.Open(folder.PathOf("large.pem")));
    }

    [Fact]
    public async Task Envelope_UnderATrustedKey_Opens()
    {
        SignedEnvelope envelope = await Envelopes.SignAsync(signer, PayloadType, "payload"u8.ToArray(), Cancel);
        await File.WriteAllTextAsync(folder.PathOf("trusted.pem"), signer.PublicKeyPem, Cancel);

        TrustedKeys keys = TrustedKeyFile.Load(folder.PathOf("trusted.pem"));
        byte[]? payload = keys.Open(envelope, PayloadType, out string? fault);

        Assert.Null(fault);
        Assert.Equal("payload"u8.ToArray(), payload);
    }

    [Fact]
    public async Task TrustedKeys_FromEachForm_AreTheSame()
    {
        using DevelopmentSigner second = DevelopmentSigner.Open(folder.PathOf("second.key"));
        Directory.CreateDirectory(folder.PathOf("trusted"));
        await File.WriteAllTextAsync(folder.PathOf("trusted", "1.pem"), signer.PublicKeyPem, Cancel);
        await File.WriteAllTextAsync(folder.PathOf("trusted", "2.pem"), second.PublicKeyPem, Cancel);
        await File.WriteAllTextAsync(
            folder.PathOf("both.pem"), $"first\n{signer.PublicKeyPem}\nsecond\n{second.PublicKeyPem}\n", Cancel);
        await File.WriteAllBytesAsync(
            folder.PathOf("both.json"),
            PipelineJson.Write(new[] { signer, second }.ToImmutableSortedDictionary(
                s => s.KeyId, s => Convert.ToBase64String(s.PublicKey))),
            Cancel);

        foreach (string form in new[] { "trusted", "both.pem", "both.json" })
        {
            TrustedKeys keys = TrustedKeyFile.Load(folder.PathOf(form));
            foreach (DevelopmentSigner s in new[] { signer, second })
            {
                SignedEnvelope envelope = await Envelopes.SignAsync(s, PayloadType, "payload"u8.ToArray(), Cancel);
                Assert.NotNull(keys.Open(envelope, PayloadType, out _));
            }
        }
    }

    [Fact]
    public async Task Envelope_UnderAnotherKeyOrChanged_DoesNotOpen()
    {
        using DevelopmentSigner stranger = DevelopmentSigner.Open(folder.PathOf("stranger.key"));
        await File.WriteAllTextAsync(folder.PathOf("trusted.pem"), signer.PublicKeyPem, Cancel);
        TrustedKeys keys = TrustedKeyFile.Load(folder.PathOf("trusted.pem"));
        SignedEnvelope good = await Envelopes.SignAsync(signer, PayloadType, "payload"u8.ToArray(), Cancel);
        SignedEnvelope strange = await Envelopes.SignAsync(stranger, PayloadType, "payload"u8.ToArray(), Cancel);

        Assert.Null(keys.Open(strange, PayloadType, out _));
        Assert.Null(keys.Open(good with { Payload = Convert.ToBase64String("other"u8) }, PayloadType, out _));
        Assert.Null(keys.Open(good, SignedEnvelope.RouteSnapshotType, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"a\":\"not base64\"}")]
    [InlineData("{\"a\":\"AAAA\"}")]
    [InlineData("{\"a\":7}")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    public void TrustedKeys_WithoutAUsableKey_AreRefused(string text)
    {
        File.WriteAllText(folder.PathOf("trusted.pem"), text);

        Assert.Throws<InvalidDataException>(() => TrustedKeyFile.Load(folder.PathOf("trusted.pem")));
    }

    [Fact]
    public void TrustedKeys_WithAPrivateKeyAmongThem_AreRefused() =>
        Assert.Throws<InvalidDataException>(() => TrustedKeyFile.Load(folder.PathOf("keys", "signing.pem")));
}
