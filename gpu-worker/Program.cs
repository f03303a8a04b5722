using System.CommandLine;
using Pipeline.GpuWorker.Commands;

var root = new RootCommand("Builds, checks and measures engines for one lane.")
{
    RunCommand.Create(),
    BuildCommand.Create(),
    ProbeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
