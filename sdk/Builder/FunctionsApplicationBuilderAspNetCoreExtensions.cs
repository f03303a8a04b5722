namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>The ASP.NET Core integration of HTTP functions.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>HTTP functions take <c>HttpRequest</c> and return <c>IActionResult</c> or <c>IResult</c>.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseWebApplication();
        return builder;
    }
}
