namespace Pipeline.Local.Processes;

/// <summary>How the supervisor knows that a child does its work.</summary>
public abstract record Readiness;

/// <summary>As soon as the process runs.</summary>
public sealed record ReadyAtOnce : Readiness;

/// <summary>Once the child has printed a line that starts so.</summary>
public sealed record ReadyLine(string Prefix) : Readiness;

/// <summary>Once the ports of this machine accept connections.</summary>
public sealed record ReadyPorts(params int[] Ports) : Readiness;

/// <summary>Once a GET answers with success.</summary>
public sealed record ReadyUrl(Uri Url) : Readiness;
