using Azure.Core;

namespace Pipeline.Local.Tests.Azure;

/// <summary>A double for Azure.Identity: hands out numbered tokens and remembers what they were asked for.</summary>
internal sealed class TokenCredentialDouble(DateTimeOffset? expires = null) : TokenCredential
{
    public List<string> Scopes { get; } = [];

    /// <summary>One token for all, in place of numbered ones.</summary>
    public string? Fixed { get; init; }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Scopes.Add(Assert.Single(requestContext.Scopes));
        return new AccessToken(Fixed ?? $"token-{Scopes.Count}", expires ?? TimeProvider.System.GetUtcNow().AddHours(1));
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        new(GetToken(requestContext, cancellationToken));
}
