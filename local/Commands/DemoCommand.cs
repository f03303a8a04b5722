using System.CommandLine;

namespace Pipeline.Local.Commands;

internal static class DemoCommand
{
    public static Command Create() => new Command("demo", "Promote a real model on this machine, from upload to rollback");
}
