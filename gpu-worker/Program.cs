using System.CommandLine;
using Pipeline.GpuWorker.Commands;

var root = new RootCommand("Builds, checks and measures engines for one lane.")
{
    RunCommand.Create(),
    BuildCommand.Create(),
    ProbeCommand.Create(),
};
ParseResult parsed = root.Parse(args);
// A native run under way ends before the message goes back; orchestrators kill after 30 seconds.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(25) };
int exitCode = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count == 0 ? exitCode : 2;
