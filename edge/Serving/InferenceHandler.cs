using Pipeline.Edge.Protocol;

namespace Pipeline.Edge.Serving;

/// <summary>
/// Where inference requests come in: before the router, which would make texts of each address. The work is in
/// <see cref="InferCall"/>.
/// </summary>
internal sealed class InferenceHandler(InferCallPool pool)
{
    /// <summary>The middleware: takes inferences, passes everything else on.</summary>
    public RequestDelegate Before(RequestDelegate next) => http =>
        HttpMethods.IsPost(http.Request.Method) && InferAddress.TryParse(http.Request.Path.Value, out InferAddress address)
            ? pool.Rent().ServeAsync(http, address)
            : next(http);

    /// <summary>For the router, which knows the address for the sake of other methods; no inference gets here.</summary>
    public static Task NotHereAsync(HttpContext http) =>
        Problem.WriteAsync(http, StatusCodes.Status404NotFound, "There is nothing at this address for this method.");
}
