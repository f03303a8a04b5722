using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Pipeline.Functions;
using Pipeline.Functions.Management;

namespace Pipeline.Infra.Tests;

/// <summary>What the functions make of the headers that the platform's sign-in sets.</summary>
public sealed class SignInTests
{
    [Theory]
    [InlineData("""{"auth_typ":"aad","claims":[{"typ":"name","val":"Ada"},{"typ":"roles","val":"Operate"}]}""", true)]
    [InlineData("""{"claims":[{"typ":"roles","val":"Read"}]}""", false)]
    [InlineData("""{"claims":[{"typ":"name","val":"Operate"}]}""", false)]
    [InlineData("""{"claims":[{"typ":"roles","val":"operate"}]}""", false)]
    [InlineData("""{"claims":[null]}""", false)]
    [InlineData("""{"claims":null}""", false)]
    [InlineData("null", false)]
    [InlineData("[]", false)]
    [InlineData("{", false)]
    public void Caller_MayChangeSomethingWithTheRoleAlone(string claims, bool may) =>
        Assert.Equal(may, MayOperate(Convert.ToBase64String(Encoding.UTF8.GetBytes(claims))));

    [Theory]
    [InlineData("")]
    [InlineData("no base64")]
    public void Caller_WithoutClaims_MayNotChangeAnything(string header) => Assert.False(MayOperate(header));

    [Fact]
    public void Local_MayDoEverything() => Assert.True(
        new Caller(Options.Create(new FunctionsOptions { PlatformSignIn = false })).MayOperate(new DefaultHttpContext().Request));

    private static bool MayOperate(string header)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["X-MS-CLIENT-PRINCIPAL"] = header;
        return new Caller(Options.Create(new FunctionsOptions { PlatformSignIn = true })).MayOperate(http.Request);
    }
}
