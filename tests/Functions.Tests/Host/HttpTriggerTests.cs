using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

public sealed class HttpTriggerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Route_WithParameters_BindsThemByName()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));

        HttpSamples.Answer? answer = await host.Http.GetFromJsonAsync<HttpSamples.Answer>(
            "api/models/ocr-rec/versions/4?q=yes", Cancellation);

        Assert.Equal(new HttpSamples.Answer("ocr-rec", 4, "yes"), answer);
    }

    [Theory]
    [InlineData("GET", "api/models/m/versions/four", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "api/models/m/versions/4", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "models/m/versions/4", HttpStatusCode.NotFound)]
    [InlineData("GET", "api/models/m/versions/4000", HttpStatusCode.NotFound)]
    [InlineData("GET", "admin/host/status", HttpStatusCode.OK)]
    public async Task Request_ByMethodAndRoute_GetsItsStatus(string method, string path, HttpStatusCode expected)
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using HttpResponseMessage response = await host.Http.SendAsync(request, Cancellation);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Prefix_OfHostJson_LeadsTheRoute()
    {
        await using TestHost host = await TestHost
            .With(hostJson: """{ "version": "2.0", "extensions": { "http": { "routePrefix": "" } } }""")
            .RunAsync(typeof(HttpSamples));

        using HttpResponseMessage response = await host.Http.GetAsync("models/m/versions/1", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Exception_BecomesProblemDetails_WithoutItsText()
    {
        await using TestHost host = await TestHost.With(arguments: ["--environment=Development"])
            .RunAsync(typeof(HttpSamples));

        using HttpResponseMessage response = await host.Http.GetAsync("api/Throws", Cancellation);

        string body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(500, JsonDocument.Parse(body).RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Contains(host.Logs.Lines, line => line.Category == "Function.Throws" && line.Text.Contains("Failed"));
    }

    [Fact]
    public async Task Body_OverTheLimit_IsRefused()
    {
        await using TestHost host = await TestHost.With(arguments: ["--FUNCTIONS_REQUEST_BODY_SIZE_LIMIT=10"])
            .RunAsync(typeof(HttpSamples));
        using var small = new StringContent("0123456789");
        using var large = new StringContent("0123456789a");

        using HttpResponseMessage read = await host.Http.PostAsync("api/Echo", small, Cancellation);
        using HttpResponseMessage refused = await host.Http.PostAsync("api/Echo", large, Cancellation);

        Assert.Equal("0123456789", await read.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Theory]
    [InlineData("Guarded", null, HttpStatusCode.Unauthorized)]
    [InlineData("Guarded", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Guarded", "right", HttpStatusCode.OK)]
    [InlineData("Context", null, HttpStatusCode.OK)]
    public async Task Key_WhenSet_IsAskedForByLevel(string function, string? key, HttpStatusCode expected)
    {
        await using TestHost host = await TestHost.With(arguments: ["--FUNCTIONS_HOST_KEY=right"])
            .RunAsync(typeof(HttpSamples));
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/" + function);
        if (key is not null) request.Headers.Add("x-functions-key", key);

        using HttpResponseMessage response = await host.Http.SendAsync(request, Cancellation);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Key_WhenNotSet_LeavesFunctionsOpen()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));

        using HttpResponseMessage response = await host.Http.GetAsync("api/Guarded", Cancellation);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("http://*:0")]
    [InlineData("http://0.0.0.0:0;http://localhost:0")]
    public async Task Address_OpenToOthersWithoutKey_IsRefused(string urls)
    {
        await using TestHost host = TestHost.With(arguments: [$"--urls={urls}"]);

        var fault = Assert.Throws<FunctionWorkerException>(() => host.Build(typeof(HttpSamples)));

        Assert.Contains("set FUNCTIONS_HOST_KEY", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Context_OfRequest_HoldsInvocationTraceAndScope()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));
        using var request = new HttpRequestMessage(HttpMethod.Patch, "api/context");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        using HttpResponseMessage response = await host.Http.SendAsync(request, Cancellation);

        string[]? told = await response.Content.ReadFromJsonAsync<string[]>(Cancellation);
        Assert.Equal("Context", told![0]);
        Assert.True(Guid.TryParse(told[1], out _));
        Assert.NotEmpty(told[2]);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", told[3], StringComparison.Ordinal);
        Assert.Equal("PATCH", told[4]);
        Assert.Equal("function disposed", host.Journal.Notes[0]);
        await host.Journal.HasAsync(2);
        Assert.Equal("scope ended", host.Journal.Notes[1]);
    }

    [Fact]
    public async Task TimeLimit_OfHostJson_CancelsTheFunction()
    {
        var time = new TestTimeProvider(DateTimeOffset.UnixEpoch);
        await using TestHost host = await TestHost
            .With(hostJson: """{ "version": "2.0", "functionTimeout": "00:01:00" }""", time: time)
            .RunAsync(typeof(HttpSamples));

        Task<HttpResponseMessage> answer = host.Http.GetAsync("api/Waits", Cancellation);
        await host.Journal.HasAsync(1);
        time.Advance(TimeSpan.FromSeconds(61));

        using HttpResponseMessage response = await answer;
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(["started", "cancelled"], host.Journal.Notes.Take(2));
    }

    [Fact]
    public async Task Caller_WhoGoesAway_CancelsTheFunction()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        Task<HttpResponseMessage> answer = host.Http.GetAsync("api/Waits", impatient.Token);
        await host.Journal.HasAsync(1);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await host.Journal.HasAsync(2);
        Assert.Equal("cancelled", host.Journal.Notes[1]);
        Assert.DoesNotContain(host.Logs.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task Stop_WithARequestRunning_LetsItFinish()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));

        Task<HttpResponseMessage> answer = host.Http.GetAsync("api/Waits", Cancellation);
        await host.Journal.HasAsync(1);
        Task stop = host.Host.StopAsync(Cancellation);
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var other = new HttpClient { BaseAddress = host.Http.BaseAddress };
            while (true) await other.GetAsync("admin/host/status", Cancellation);
        });
        Assert.False(stop.IsCompleted);
        host.Journal.Gate.Release();

        using HttpResponseMessage response = await answer;
        await stop;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Stop_AfterTheGrace_CancelsWhatStillRuns()
    {
        // Five seconds are the margin, so that no grace is left.
        await using TestHost host = await TestHost.With(arguments: ["--shutdownTimeoutSeconds=5"])
            .RunAsync(typeof(HttpSamples));

        Task<HttpResponseMessage> answer = host.Http.GetAsync("api/Waits", Cancellation);
        await host.Journal.HasAsync(1);
        await host.Host.StopAsync(Cancellation);

        using HttpResponseMessage response = await answer;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("cancelled", host.Journal.Notes[1]);
    }

    [Fact]
    public async Task Start_LogsEachFunctionWithItsTrigger()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(HttpSamples));

        string table = host.Logs.Lines.Single(line => line.Category == "Host.Startup").Text;

        Assert.Contains("GetVersion: [GET] /api/models/{model}/versions/{v", table, StringComparison.Ordinal);
        Assert.Contains("Echo: [POST,PUT] /api/Echo", table, StringComparison.Ordinal);
        Assert.Contains(host.Http.BaseAddress!.ToString().TrimEnd('/'), table, StringComparison.Ordinal);
    }
}
