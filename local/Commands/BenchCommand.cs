using System.CommandLine;

namespace Pipeline.Local.Commands;

/// <summary><c>bench</c>: the measured claims of the README, each a command of its own.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure the pipeline on this machine");
}
