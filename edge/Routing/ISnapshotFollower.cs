using Pipeline.Core.Routing;

namespace Pipeline.Edge.Routing;

/// <summary>Who brings the edge in line with snapshots: the applier in the product, a notebook where polls are measured.</summary>
internal interface ISnapshotFollower
{
    /// <summary>Hands over an accepted snapshot.</summary>
    void Follow(RouteSnapshot snapshot);

    /// <summary>
    /// A look at a target's routes has ended, whatever it gave: the target is heard of, and failed loads may be tried again when
    /// their time has come.
    /// </summary>
    void Looked(string target);
}
