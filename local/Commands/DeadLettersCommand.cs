using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pipeline.Cloud;
using Pipeline.Core.Naming;
using Pipeline.Local.DeadLetters;
using Pipeline.Local.Environments;

namespace Pipeline.Local.Commands;

/// <summary><c>deadletters</c>: messages that were given up or refused; sending them once more, or taking them away.</summary>
internal static class DeadLettersCommand
{
    private const string QueueRule = "blob-events, promotion-events/gatekeeper, or a lane such as cpu-x64-avx2/ort-1.29.0-cpu";

    private static readonly Option<long[]> Sequences = new("--sequence")
    {
        Description = "Only the message with this number in the list; may be repeated (default: all)",
        HelpName = "N",
    };

    public static Command Create() => new("deadletters", "Show messages that were given up, send them once more, or take them away")
    {
        List(),
        Replay(),
        Discard(),
    };

    private static Command List()
    {
        Argument<string> queue = Queue($"Only this one: {QueueRule}");
        queue.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("list", "Show the dead letters; nothing is changed") { queue };
        return command.Runs(async (session, cancellationToken) =>
        {
            await using RunningEnvironment environment = session.OpenEnvironment();
            var found = new List<DeadLetter>();
            foreach (string name in session.Find(queue) is { } one ? [EntityOf(one)] : All(environment))
                found.AddRange(await new DeadLetterQueue(environment.ServiceBus, name).ListAsync(cancellationToken));
            if (session.Json) CommandSession.WriteJson(found);
            else Print(found);
            if (environment.Lanes is null && session.Find(queue) is null)
            {
                await CommandSession.Error.WriteLineAsync(
                    "note: the lanes of this environment are not known here; name a lane to see its build queue");
            }

            return ExitCodes.Ok;
        });
    }

    private static Command Replay()
    {
        Argument<string> queue = Queue($"Which: {QueueRule}");
        return new Command("replay", "Send dead letters once more, and take them away") { queue, Sequences }.Runs(
            async (session, cancellationToken) =>
            {
                await using RunningEnvironment environment = session.OpenEnvironment();
                long[] wanted = session.Get(Sequences) ?? [];
                var letters = new DeadLetterQueue(environment.ServiceBus, EntityOf(session.Get(queue)));
                ImmutableArray<DeadLetter> sent =
                    await letters.ReplayAsync(wanted.Length == 0 ? null : wanted.ToHashSet(), cancellationToken);
                return Tell(session, sent, wanted, "sent again");
            });
    }

    private static Command Discard()
    {
        Argument<string> queue = Queue($"Which: {QueueRule}");
        var which = new Option<long[]>("--sequence")
        {
            Description = "The message with this number in the list; may be repeated",
            HelpName = "N",
            Required = true,
        };
        return new Command("discard", "Take dead letters away for good") { queue, which }.Runs(
            async (session, cancellationToken) =>
            {
                await using RunningEnvironment environment = session.OpenEnvironment();
                long[] wanted = session.Get(which)!;
                var letters = new DeadLetterQueue(environment.ServiceBus, EntityOf(session.Get(queue)));
                return Tell(session, await letters.DiscardAsync(wanted.ToHashSet(), cancellationToken), wanted, "taken away");
            });
    }

    private static int Tell(CommandSession session, ImmutableArray<DeadLetter> done, long[] wanted, string what)
    {
        long[] missing = [.. wanted.Except(done.Select(s => s.Sequence))];
        if (missing.Length > 0)
        {
            throw new CommandException(
                $"{done.Length} of them {what}; no dead letter has the number {string.Join(", ", missing)}.");
        }

        if (session.Json) CommandSession.WriteJson(done);
        else session.Narrator.Say(done.Length == 1 ? $"1 message was {what}." : $"{done.Length} messages were {what}.");
        return ExitCodes.Ok;
    }

    private static Argument<string> Queue(string description) =>
        new Argument<string>("QUEUE") { Description = description }.Checked(q => q is not null && TryEntity(q) is not null, QueueRule);

    private static IEnumerable<string> All(RunningEnvironment environment) =>
    [
        EntityNames.BlobEventsQueue,
        $"{EntityNames.EventsTopic}/{EntityNames.GatekeeperSubscription}",
        .. (environment.Lanes ?? []).Select(EntityNames.BuildQueue),
    ];

    private static string EntityOf(string queue) => TryEntity(queue)!;

    private static string? TryEntity(string queue) => queue switch
    {
        EntityNames.BlobEventsQueue or $"{EntityNames.EventsTopic}/{EntityNames.GatekeeperSubscription}" => queue,
        _ => Lane.TryParse(queue, out Lane lane) ? EntityNames.BuildQueue(lane) : null,
    };

    private static void Print(List<DeadLetter> found)
    {
        if (found.Count == 0)
        {
            CommandSession.Out.WriteLine("There are no dead letters.");
            return;
        }

        var table = new TextTable("queue", "sequence", "enqueued", "deliveries", "reason", "description", "body");
        foreach (DeadLetter letter in found)
        {
            table.Row(
                letter.Queue, letter.Sequence.ToString(CultureInfo.InvariantCulture), Moments.Of(letter.EnqueuedAt),
                letter.Deliveries.ToString(CultureInfo.InvariantCulture), letter.Reason ?? "-", letter.Description ?? "-", letter.Body);
        }

        table.WriteTo(CommandSession.Out);
    }
}
