using Pipeline.Core.Events;
using Pipeline.Core.Naming;

namespace Pipeline.Core.Routing;

/// <summary>What a person asks of a route beside a rollout: to take its candidate back, or to leave it as it is.</summary>
public static partial class RoutePlanner
{
    /// <summary>
    /// Why a command that means one version does not concern this route; null when that version is the newest here, or when
    /// the command means none.
    /// </summary>
    public static RouteOutcome? WhyNot(RouteState current, string? version)
    {
        Route route = current.Route;
        if (version is null || current.Newest?.Version == version) return null;
        if (route.Stable?.Version != version && current.Withdrawn.Any(w => w.Version == version))
            return new RouteOutcome.Unchanged($"'{route.Model}/{version}' is off '{route.Target}' already.");
        return new RouteOutcome.Refused(
            $"'{route.Model}/{version}' is not what came to '{route.Target}' last, "
            + $"{(current.Newest is { } newest ? $"version '{newest.Version}' is" : "nothing is there")}; it stays as it is there.");
    }

    /// <summary>Takes the candidate back and leaves stable alone; the candidate never comes back by itself.</summary>
    public static RouteOutcome Withdraw(
        RouteState current, long revision, string reason, string who, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(reason)) return new RouteOutcome.Refused("A withdrawal needs a reason; say why.");
        return current.Route.Candidate is null
            ? new RouteOutcome.Refused($"'{current.Route.Model}' has no candidate on '{current.Route.Target}'.")
            : Withdraw(current, revision, reason, who, now, evidence: null);
    }

    /// <summary>
    /// Keeps the route on its stable version: nothing is introduced and no step is taken until <see cref="Unpin"/>. A further
    /// runtime of the stable version may still join, and a rollback stays possible, since a person asks for it.
    /// </summary>
    public static RouteOutcome Pin(RouteState current, long revision, string reason, string who, DateTimeOffset now)
    {
        Route route = current.Route;
        if (string.IsNullOrWhiteSpace(reason)) return new RouteOutcome.Refused("A pin needs a reason; say why.");
        if (current.Pin is { } pin) return new RouteOutcome.Unchanged(Pinned(current, pin));
        if (route.Candidate is { } candidate)
        {
            return new RouteOutcome.Refused(
                $"'{route.Model}/{candidate.Version}' is rolling out on '{route.Target}'; withdraw it first, then pin.");
        }

        if (route.Stable is not { } stable)
        {
            return new RouteOutcome.Refused($"Nothing serves '{route.Model}' on '{route.Target}'; there is nothing to keep.");
        }

        string why = Sentence.Bound(reason, ReasonLengthMaximum);
        return Changed(
            current, current with { Pin = new RoutePin { Who = who, Why = why, At = now } }, revision, EventTypes.RouteChanged,
            who, $"Pinned to '{route.Model}/{stable.Version}': {why}");
    }

    /// <summary>Lets the route move again.</summary>
    public static RouteOutcome Unpin(RouteState current, long revision, string reason, string who)
    {
        if (current.Pin is not { } pin)
        {
            return new RouteOutcome.Unchanged($"'{current.Route.Model}' is not pinned on '{current.Route.Target}'.");
        }

        string because = string.IsNullOrWhiteSpace(reason) ? $"{who} lifted the pin of {pin.Who}." : reason;
        return Changed(
            current, current with { Pin = null }, revision, EventTypes.RouteChanged, who,
            $"Unpinned: {Sentence.Bound(because, ReasonLengthMaximum)}");
    }
}
