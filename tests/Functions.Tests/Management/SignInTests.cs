using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Functions.Management;

namespace Pipeline.Functions.Tests.Management;

/// <summary>Who may do what where a platform signs callers in. Nothing listens at the addresses: a refusal reads nothing.</summary>
public sealed class SignInTests
{
    private const string Header = "X-MS-CLIENT-PRINCIPAL";
    private const string RoleType = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";

    public static TheoryData<string> Functions =>
        [.. typeof(Health).Assembly.GetTypes().Where(t => Method(t) is not null && t != typeof(Health)).Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Functions))]
    public async Task EveryFunction_WithoutItsRole_Refuses(string function)
    {
        await using ServiceProvider services = Services();
        Type type = typeof(Health).Assembly.GetTypes().Single(t => t.Name == function && Method(t) is not null);
        MethodInfo method = Method(type)!;
        bool changes = method.GetParameters()[0].GetCustomAttribute<HttpTriggerAttribute>()!.Methods!.Contains("post");
        string[] lacking = changes ? ["", Principal("Read"), Principal("Reader"), "?"] : ["", Principal("Reader"), "?", .. Garbage.Select(Base64)];
        foreach (string principal in lacking)
        {
            var http = new DefaultHttpContext();
            http.Request.Headers[Header] = principal;
            object?[] arguments = [.. method.GetParameters().Select(p =>
                p.ParameterType == typeof(HttpRequest) ? http.Request : p.ParameterType == typeof(CancellationToken)
                    ? TestContext.Current.CancellationToken : (object)"name")];
            var running = (Task<IActionResult>)method.Invoke(ActivatorUtilities.CreateInstance(services, type), arguments)!;

            var answer = Assert.IsType<ContentResult>(await running);
            Assert.Equal(403, answer.StatusCode);
            string detail = JsonNode.Parse(answer.Content!)!["detail"]!.GetValue<string>();
            Assert.Contains($"application role '{(changes ? "Operate" : "Read")}'", detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Read", true, false)]
    [InlineData("Operate", true, true)]
    [InlineData("operate", false, false)]
    public void Roles_AllowWhatTheySay(string role, bool reads, bool operates)
    {
        var caller = new Caller(Options.Create(new FunctionsOptions { PlatformSignIn = true }));
        foreach (string type in new[] { "roles", RoleType })
        {
            var http = new DefaultHttpContext();
            http.Request.Headers[Header] = Principal(role, type);
            Assert.Equal(reads, caller.Refusal(http.Request, Permission.Read) is null);
            Assert.Equal(operates, caller.Refusal(http.Request, Permission.Operate) is null);
        }
    }

    [Fact]
    public void LocalEnvironment_HasNoSignIn_AndBelievesNoHeader()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["X-MS-CLIENT-PRINCIPAL-NAME"] = "mallory";
        var caller = new Caller(Options.Create(new FunctionsOptions()));

        Assert.Null(caller.Refusal(http.Request, Permission.Operate));
        Assert.Equal("local", caller.NameOf(http.Request));
    }

    private static readonly string[] Garbage = ["[1]", "null", "{", """{"claims":null}""", """{"claims":[null]}"""];

    private static MethodInfo? Method(Type type) => type.GetMethods().SingleOrDefault(m =>
        m.GetParameters() is [{ } first, ..] && first.GetCustomAttribute<HttpTriggerAttribute>() is not null);

    private static string Principal(string role, string type = RoleType) => Base64(
        $$"""{"auth_typ":"aad","role_typ":"{{type}}","claims":[{"typ":"name","val":"Operate"},{"typ":"{{type}}","val":"{{role}}"}]}""");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static ServiceProvider Services()
    {
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Pipeline:Storage"] = "UseDevelopmentStorage=true",
            ["Pipeline:ServiceBus"] = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true;",
            ["Pipeline:Lanes"] = "cpu-x64-avx2/ort-1.29.0-cpu",
            ["Pipeline:PlatformSignIn"] = "true",
            ["Pipeline:Signing:KeyFile"] = "none.pem",
        }).Build();
        return new ServiceCollection().AddLogging().AddPromotions(settings).BuildServiceProvider();
    }
}
