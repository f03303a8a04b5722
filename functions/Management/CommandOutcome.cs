using System.Collections.Immutable;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Core.Management;

namespace Pipeline.Functions.Management;

/// <summary>What became of a command.</summary>
public abstract record CommandOutcome
{
    public sealed record Done(ImmutableArray<string> What, ImmutableArray<string> NotDone) : CommandOutcome
    {
        public Done(ImmutableArray<string> what)
            : this(what, [])
        {
        }
    }

    public sealed record Refused(string Reason) : CommandOutcome;

    internal IActionResult ToAnswer() => this switch
    {
        Done d => Answer.Of(new CommandResult { Done = d.What, Refused = d.NotDone }),
        Refused r => Answer.Conflict(r.Reason),
        _ => throw new InvalidOperationException($"No answer for {GetType().Name}."),
    };
}
