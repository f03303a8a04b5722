using System.Net.Http.Headers;
using Azure.Core;

namespace Pipeline.Local.Management;

/// <summary>Says who asks: a token in every request, fetched once and again before it runs out.</summary>
/// <param name="credential">Who asks.</param>
/// <param name="scope">What the token is for.</param>
public sealed class BearerHandler(TokenCredential credential, string scope, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim gate = new(1, 1);
    private AccessToken token;

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellationToken));
        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) gate.Dispose();
        base.Dispose(disposing);
    }

    // Signing in through another program takes a second or two; a command asks more than once.
    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (token.Token is null || token.ExpiresOn - Margin <= time.GetUtcNow())
                token = await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            return token.Token;
        }
        finally
        {
            gate.Release();
        }
    }
}
