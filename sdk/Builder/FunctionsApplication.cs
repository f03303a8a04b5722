namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where a Functions app's Program.cs starts.</summary>
public class FunctionsApplication
{
    /// <summary>
    /// A builder over appsettings, local.settings.json, environment variables and <paramref name="args"/>, for the
    /// functions of the entry assembly and the host.json beside it.
    /// </summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) =>
        new(args, AppContext.BaseDirectory, System.Reflection.Assembly.GetEntryAssembly()?.GetTypes() ?? []);
}
