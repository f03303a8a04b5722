using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Local.Commands;
using Pipeline.Local.Environments;
using Pipeline.Local.Management;
using Pipeline.Local.Tests.Azure;
using Pipeline.Testing;

namespace Pipeline.Local.Tests.Management;

public sealed class SignedInTests : IAsyncLifetime
{
    private static readonly CommandRequest Request = new() { Reason = "test" };

    private readonly TokenCredentialDouble credential = new();
    private FunctionsDouble functions = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => functions = await FunctionsDouble.StartAsync();

    [Fact]
    public async Task Ask_ServerDemandsAToken_BringsOneForTheAudienceAndKeepsIt()
    {
        using ManagementClient management = Open();

        await management.ListAsync(null, Cancel);
        await management.ChangeAsync("ocr", "pause", Request, Cancel);

        Assert.Equal(["api://pipeline/.default"], credential.Scopes);
        Assert.Equal(
            ["GET /api/promotions Bearer token-1", "POST /api/models/ocr/pause Bearer token-1"], functions.Requests);
    }

    [Fact]
    public async Task Ask_TokenRunsOut_FetchesAnother()
    {
        var shortLived = new TokenCredentialDouble(TimeProvider.System.GetUtcNow().AddMinutes(1));
        using ManagementClient management = ManagementClient.SignedIn(functions.Address, shortLived, "api://pipeline");

        await management.RoutesAsync(Cancel);
        await management.RoutesAsync(Cancel);

        Assert.Equal(2, shortLived.Scopes.Count);
        Assert.EndsWith("token-2", functions.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WithoutAToken_IsRefusedByTheServer()
    {
        using var management = new ManagementClient(functions.Address);

        CommandException fault = await Assert.ThrowsAsync<CommandException>(() => management.FleetAsync(Cancel));

        Assert.Contains("azd auth login", fault.Message, StringComparison.Ordinal);
        Assert.Contains("401", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_RoleIsMissing_NamesTheRole()
    {
        functions.Answer = (_, _) => Results.StatusCode(StatusCodes.Status403Forbidden);
        using ManagementClient management = Open();

        CommandException read = await Assert.ThrowsAsync<CommandException>(() => management.RoutesAsync(Cancel));
        CommandException change = await Assert.ThrowsAsync<CommandException>(
            () => management.ChangeAsync(new ModelVersion("ocr", "1"), "approve", Request, Cancel));

        Assert.Contains("needs the role Read or Operate", read.Message, StringComparison.Ordinal);
        Assert.Contains("needs the role Operate", change.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ServerSendsToASignInPage_IsNotFollowed()
    {
        functions.Answer = (context, _) => context.Request.Path.StartsWithSegments("/login")
            ? Results.Text("<html>")
            : Results.Redirect("/login");
        using ManagementClient management = Open();

        CommandException fault = await Assert.ThrowsAsync<CommandException>(() => management.RoutesAsync(Cancel));

        Assert.Contains("sign-in page", fault.Message, StringComparison.Ordinal);
        Assert.Single(functions.Requests);
    }

    [Fact]
    public async Task Find_NotFound_IsAnAnswerOfTheFunctionsAlone()
    {
        var id = new ModelVersion("ocr", "1");
        functions.Answer = (_, _) => Results.Problem("There is no such version.", statusCode: StatusCodes.Status404NotFound);
        using ManagementClient management = Open();
        Assert.Null(await management.FindAsync(id, Cancel));

        // As of a site that nothing is deployed to; whoever waits for a version would wait for ever.
        functions.Answer = (_, _) => Results.Text("<html>404 Web Site not found.</html>", "text/html", statusCode: StatusCodes.Status404NotFound);
        CommandException fault = await Assert.ThrowsAsync<CommandException>(() => management.FindAsync(id, Cancel));
        Assert.Contains("404", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_FunctionsAreStarting_IsAskedAgain()
    {
        functions.Answer = (context, count) => count == 1 ? Busy(context, StatusCodes.Status503ServiceUnavailable) : null;
        using ManagementClient management = Open();

        Assert.Empty((await management.RoutesAsync(Cancel)).Targets);
        Assert.Equal(2, functions.Requests.Count);
    }

    [Fact]
    public async Task Change_FunctionsFail_IsNotSentTwice()
    {
        functions.Answer = (context, _) => Busy(context, StatusCodes.Status503ServiceUnavailable);
        using ManagementClient management = Open();

        CommandException fault = await Assert.ThrowsAsync<CommandException>(
            () => management.ChangeAsync("ocr", "rollback", Request, Cancel));

        Assert.Contains("503", fault.Message, StringComparison.Ordinal);
        Assert.Single(functions.Requests);
    }

    [Fact]
    public async Task Change_TooManyRequests_IsSentAgain()
    {
        functions.Answer = (context, count) => count == 1 ? Busy(context, StatusCodes.Status429TooManyRequests) : null;
        using ManagementClient management = Open();

        Assert.Equal(["done"], (await management.ChangeAsync("ocr", "pause", Request, Cancel)).Done);
    }

    [Fact]
    public async Task Ask_NameIsNotKnown_SaysSoAtOnce()
    {
        using ManagementClient management =
            ManagementClient.SignedIn(new Uri("https://no-such-pipeline.invalid"), credential, "api://pipeline");

        HttpRequestException fault = await Assert.ThrowsAsync<HttpRequestException>(() => management.RoutesAsync(Cancel));

        Assert.Contains("'dev' is not known", AccessFaults.SentenceOf(fault, "dev"), StringComparison.Ordinal);
        Assert.Single(credential.Scopes);
    }

    [Fact]
    public void Fault_NobodyIsSignedIn_SaysHowTo() => Assert.Contains(
        "azd auth login", AccessFaults.SentenceOf(new CredentialUnavailableException("none"), "dev"), StringComparison.Ordinal);

    [Fact]
    public void Fault_StorageRefuses_NamesTheRoles()
    {
        var refused = new global::Azure.RequestFailedException(403, "No.\nHeaders", "AuthorizationPermissionMismatch", null);

        string sentence = AccessFaults.SentenceOf(new AggregateException(refused), "dev");

        Assert.Contains("AuthorizationPermissionMismatch", sentence, StringComparison.Ordinal);
        Assert.Contains("Storage Blob Data Contributor", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_FileMayNotBeRead_IsNotTakenForServiceBus()
    {
        using var folder = new TemporaryFolder();
        UnauthorizedAccessException fault =
            Assert.Throws<UnauthorizedAccessException>(() => File.ReadAllBytes(folder.Root));

        Assert.Equal(fault.Message, AccessFaults.SentenceOf(fault, "dev"));
    }

    public ValueTask DisposeAsync() => functions.DisposeAsync();

    private static IResult Busy(HttpContext context, int status)
    {
        context.Response.Headers.RetryAfter = "0";
        return Results.StatusCode(status);
    }

    private ManagementClient Open() => ManagementClient.SignedIn(functions.Address, credential, "api://pipeline");
}
