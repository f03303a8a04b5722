using System.CommandLine;
using System.Text;
using Pipeline.Core.Json;

namespace Pipeline.GpuWorker.Commands;

/// <summary>Tries one runtime and prints one line of JSON: what <c>probe</c> starts for those that need a process of their own.</summary>
internal static class ProbeRuntimeCommand
{
    public const string Name = "probe-runtime";

    public static Command Create()
    {
        var runtime = new Argument<string>("RUNTIME");
        var command = new Command(Name, "Try one runtime.") { runtime };
        command.Hidden = true;
        command.SetAction(parsed => Run(parsed.GetRequiredValue(runtime)));
        return command;
    }

    private static int Run(string runtime)
    {
        RuntimeProbe probe = RuntimeProbes.Here(runtime, EngineSettings.ReadEnvironment());
        // A native library may have left an unfinished line behind.
        Console.WriteLine($"\n{Encoding.UTF8.GetString(PipelineJson.Write(probe))}");
        return 0;
    }
}
