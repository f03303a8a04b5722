using System.CommandLine;
using Pipeline.GpuWorker.Building;
using Pipeline.GpuWorker.Commands;

// Before anything else is made ready: every build starts one.
if (args is [BuildChild.Command]) return BuildChild.Run();
var root = new RootCommand("Builds, checks and measures engines for one lane.")
{
    RunCommand.Create(),
    BuildCommand.Create(),
    ProbeCommand.Create(),
    ProbeRuntimeCommand.Create(),
};
ParseResult parsed = root.Parse(args);
// A native run under way ends before the message goes back; orchestrators kill after 30 seconds.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(25) };
int exitCode = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count == 0 ? exitCode : 2;
