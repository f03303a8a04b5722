using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;
using Pipeline.Core.Routing;
using Pipeline.Functions.Promotions;
using Pipeline.Functions.Routes;

namespace Pipeline.Functions.Management;

/// <summary>A command on the route of a model, decided on fresh facts.</summary>
public delegate RouteOutcome RouteCommand(RouteFacts facts, RouteState current, string reason, string who);

/// <summary>What a person may do to the routes of a model, on one target or on all.</summary>
public sealed class RouteCommands(
    RouteExecutor routes, PromotionAdvancer advancer, DeployedLanes lanes, Caller caller, TimeProvider time)
{
    /// <summary>Reads the request, runs the command on each target that has a route of the model, answers.</summary>
    public async Task<IActionResult> RunAsync(
        HttpRequest http, string model, RouteCommand command, CancellationToken cancellationToken)
    {
        (CommandRequest? request, string? fault) = await CommandBody.ReadAsync(http, cancellationToken);
        if (request is null) return Answer.BadRequest(fault!);
        if (!Names.IsModel(model)) return Answer.BadRequest($"A model is {Names.ModelRule}.");
        if (request.Target is { } asked && !lanes.Targets.Contains(asked))
            return Answer.NotFound($"No target '{asked}' is deployed; there are {string.Join(", ", lanes.Targets)}.");
        string who = caller.NameOf(http);
        var done = ImmutableArray.CreateBuilder<string>();
        var refused = ImmutableArray.CreateBuilder<string>();
        string? nothing = null;
        foreach (string target in request.Target is { } one ? [one] : lanes.Targets)
        {
            RouteOutcome outcome = await routes.ChangeAsync(
                target, model, f => Decide(f, command, model, target, request.Reason ?? "", who), cancellationToken);
            if (outcome is RouteOutcome.Changed changed) done.Add($"'{model}' on '{target}': {changed.Change.Why}");
            else if (outcome is RouteOutcome.Refused no) refused.Add(no.Reason);
            else if (outcome is RouteOutcome.Unchanged same) nothing ??= same.Reason;
        }

        await advancer.AdvanceModelAsync(model, cancellationToken);
        return done.Count > 0
            ? new CommandOutcome.Done(done.ToImmutable(), refused.ToImmutable()).ToAnswer()
            : new CommandOutcome.Refused(refused.FirstOrDefault() ?? nothing ?? "Nothing to do.").ToAnswer();
    }

    public RouteOutcome Rollback(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Rollback(current, facts.Revision, reason, who, time.GetUtcNow());

    public RouteOutcome Pause(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Pause(current, facts.Revision, reason, who, time.GetUtcNow());

    public RouteOutcome Resume(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Resume(current, facts.Revision, reason, who, time.GetUtcNow());

    public RouteOutcome Withdraw(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Withdraw(current, facts.Revision, reason, who, time.GetUtcNow());

    public RouteOutcome Pin(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Pin(current, facts.Revision, reason, who, time.GetUtcNow());

    public RouteOutcome Unpin(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Unpin(current, facts.Revision, reason, who);

    private static RouteOutcome Decide(
        RouteFacts facts, RouteCommand command, string model, string target, string reason, string who) =>
        facts.Current is null
            ? new RouteOutcome.Unchanged($"'{model}' has no route on '{target}'.")
            : command(facts, facts.Current, reason, who);
}
