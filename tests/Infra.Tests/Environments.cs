using System.Collections.Concurrent;
using Pipeline.Infra.Tests.Bicep;

namespace Pipeline.Infra.Tests;

/// <summary>The environments that the parameters file describes, each evaluated once.</summary>
internal static class Environments
{
    private static readonly ConcurrentDictionary<(string Stage, bool Released), Deployment> Known = new();

    public static Deployment Dev => Of("dev");

    public static Deployment Prod => Of("prod");

    /// <param name="released">Whether images and public keys are there: not yet at the very first deployment.</param>
    public static Deployment Of(string stage, bool released = true) => Known.GetOrAdd(
        (stage, released), key => Deployment.Evaluate(BicepFolder.Own, Deployment.Variables(key.Stage, key.Released)));
}
