using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Pipeline.Cloud.Routing;
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
    RouteExecutor routes,
    RouteStore store,
    RoutedTargets all,
    PromotionAdvancer advancer,
    Caller caller,
    TimeProvider time,
    ILogger<RouteCommands> logger)
{
    private static readonly RouteOutcome.Unchanged NoRoute = new("The model has no route here.");

    /// <summary>Reads the request, runs the command on each target that has a route of the model, answers.</summary>
    public Task<IActionResult> RunAsync(
        HttpRequest http, string model, RouteCommand command, CancellationToken cancellationToken) =>
        RunAsync(http, model, command, ofNewest: false, cancellationToken);

    /// <summary>
    /// Takes one version off: the one that the request names, or else the newest that the model's routes name at this moment.
    /// It is fixed before anything changes, so that the command never takes a second one off, whatever moves meanwhile.
    /// </summary>
    public Task<IActionResult> RollbackAsync(HttpRequest http, string model, CancellationToken cancellationToken) =>
        RunAsync(http, model, Rollback, ofNewest: true, cancellationToken);

    private async Task<IActionResult> RunAsync(
        HttpRequest http, string model, RouteCommand command, bool ofNewest, CancellationToken cancellationToken)
    {
        if (caller.Refusal(http, Permission.Operate) is { } refusal) return refusal;
        (CommandRequest? request, string? fault) = await CommandBody.ReadAsync(http, cancellationToken);
        if (request is null) return Answer.BadRequest(fault!);
        if (!Names.IsModel(model)) return Answer.BadRequest($"A model is {Names.ModelRule}.");
        if (request.Version is { } named && !Names.IsVersion(named)) return Answer.BadRequest($"A version is {Names.VersionRule}.");
        ImmutableArray<string> targets = await all.ListAsync(cancellationToken);
        if (request.Target is { } asked && !targets.Contains(asked))
            return Answer.NotFound($"No target '{asked}' is deployed; there are {string.Join(", ", targets)}.");
        if (request.Target is { } one) targets = [one];
        string? version = request.Version ?? (ofNewest ? await NewestAsync(model, targets, cancellationToken) : null);
        string who = caller.NameOf(http);
        var done = ImmutableArray.CreateBuilder<string>();
        var refused = ImmutableArray.CreateBuilder<string>();
        string? nothing = null;
        foreach (string target in targets)
        {
            RouteOutcome outcome = await routes.ChangeAsync(
                target, model, f => Decide(f, command, version, request.Reason ?? "", who), cancellationToken);
            if (outcome is RouteOutcome.Changed changed) done.Add($"'{model}' on '{target}': {changed.Change.Why}");
            else if (outcome is RouteOutcome.Refused no) refused.Add(no.Reason);
            else if (outcome is RouteOutcome.Unchanged same && same != NoRoute) nothing ??= same.Reason;
            // Also where nothing changed: whoever repeats a command wants its effect.
            if (!await routes.TryPublishAsync(target, cancellationToken))
                refused.Add($"The edges of '{target}' cannot be told now; the pipeline tries again by itself.");
        }

        // The routes have moved: an error now would make a person repeat what is done.
        await Guard.RunAsync(logger, $"versions of '{model}'", () => advancer.AdvanceModelAsync(model, cancellationToken));
        if (done.Count > 0) return new CommandOutcome.Done(done.ToImmutable(), refused.ToImmutable()).ToAnswer();
        nothing ??= $"'{model}' has no route on {string.Join(", ", targets)}.";
        return new CommandOutcome.Refused(refused.FirstOrDefault() ?? nothing).ToAnswer();
    }

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

    private RouteOutcome Rollback(RouteFacts facts, RouteState current, string reason, string who) =>
        RoutePlanner.Rollback(current, facts.Revision, reason, who, time.GetUtcNow());

    private static RouteOutcome Decide(
        RouteFacts facts, RouteCommand command, string? version, string reason, string who) =>
        facts.Current is null
            ? NoRoute
            : RoutePlanner.WhyNot(facts.Current, version) ?? command(facts, facts.Current, reason, who);

    private async Task<string?> NewestAsync(
        string model, ImmutableArray<string> targets, CancellationToken cancellationToken)
    {
        RoutedVersion? newest = null;
        foreach (string target in targets)
        {
            RoutedVersion? here = (await store.ReadTargetAsync(target, cancellationToken)).Find(model)?.Newest;
            if (newest is null || here?.AcceptanceNumber > newest.AcceptanceNumber) newest = here;
        }

        return newest?.Version;
    }
}
