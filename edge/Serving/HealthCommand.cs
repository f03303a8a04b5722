namespace Pipeline.Edge.Serving;

/// <summary>
/// <c>health</c> on the command line: asks the edge of this container whether it lives, since its image has neither shell nor
/// curl to ask with.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>0 when it answers, 1 when not, with the reason on standard error.</summary>
    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        string urls = configuration[$"{EdgeOptions.Section}:{nameof(EdgeOptions.Urls)}"] ?? new EdgeOptions().Urls;
        string first = urls.Split(';')[0];
        if (ListenAddress.TryParse(first) is not { } address)
        {
            await Console.Error.WriteLineAsync($"'Edge:Urls' names '{first}'; write {ListenAddress.Rule}.");
            return 1;
        }

        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(ListenAddress.FromHere(address), "v2/health/live"));
            if (answer.IsSuccessStatusCode) return 0;
            await Console.Error.WriteLineAsync($"The edge answers {(int)answer.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"The edge does not answer: {e.Message}");
        }

        return 1;
    }
}
