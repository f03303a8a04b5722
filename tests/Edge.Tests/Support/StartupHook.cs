using System.Diagnostics;
using Pipeline.Edge.Tests.Support;

/// <summary>
/// Runs inside the edge program itself before its first line, by DOTNET_STARTUP_HOOKS: the backend that the program has
/// registered is replaced by one that ends the process when it is handed the engine that a variable names.
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(new HostListener());
}
