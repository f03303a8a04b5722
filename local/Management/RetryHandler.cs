using System.Net;

namespace Pipeline.Local.Management;

/// <summary>
/// Asks again where that is safe: reads after a passing fault, changes only when they cannot have been carried out. A name that
/// is not known is told at once.
/// </summary>
public sealed class RetryHandler(TimeProvider time) : DelegatingHandler
{
    private const int Tries = 4;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(20);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool isRead = request.Method == HttpMethod.Get;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan delay = FirstDelay * (1 << (attempt - 1));
            try
            {
                HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
                if (attempt == Tries || !IsPassing(answer.StatusCode, isRead)) return answer;
                delay = answer.Headers.RetryAfter?.Delta ?? delay;
                answer.Dispose();
            }
            catch (HttpRequestException e) when (attempt < Tries && IsPassing(e.HttpRequestError, isRead))
            {
                // Asked again below; the last try's fault is the one that is told.
            }

            await Task.Delay(delay < LongestDelay ? delay : LongestDelay, time, cancellationToken);
        }
    }

    private static bool IsPassing(HttpStatusCode status, bool isRead) => status is HttpStatusCode.TooManyRequests ||
        (isRead && status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout);

    private static bool IsPassing(HttpRequestError error, bool isRead) => error switch
    {
        HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError => false,
        HttpRequestError.ConnectionError => true,
        _ => isRead,
    };
}
