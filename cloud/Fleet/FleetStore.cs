using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Pipeline.Cloud.Connections;
using Pipeline.Cloud.Documents;
using Pipeline.Core.Fleet;
using Pipeline.Core.Management;
using Pipeline.Core.Naming;

namespace Pipeline.Cloud.Fleet;

/// <summary>Table Fleet: one row an edge, which only that edge writes.</summary>
public sealed partial class FleetStore(CloudClients clients)
{
    private const string RevisionColumn = "Revision";

    private readonly DocumentTable table = new(clients.Table(EntityNames.FleetTable));

    /// <summary>Whether an edge may be called this: 1 to 63 letters, digits, dots, hyphens and underscores.</summary>
    public static bool IsEdgeName(string? text) => text is not null && EdgeName().IsMatch(text);

    /// <summary>Writes an edge's report over its last one.</summary>
    public Task ReportAsync(FleetReport report, CancellationToken cancellationToken)
    {
        if (!IsEdgeName(report.Edge) || !Names.IsTarget(report.Target))
        {
            throw new ArgumentException(
                $"'{report.Edge}' on '{report.Target}' cannot report: a name has 1 to 63 letters, digits, dots, " +
                "hyphens and underscores.",
                nameof(report));
        }

        TableEntity row = TableDocument.Write(report.Target, report.Edge, report);
        row[RevisionColumn] = report.Revision;
        return table.UpsertAsync(row, cancellationToken);
    }

    /// <summary>The edges of a target.</summary>
    public Task<ImmutableArray<FleetMember>> ListAsync(string target, CancellationToken cancellationToken) =>
        QueryAsync($"PartitionKey eq {target}", cancellationToken);

    /// <summary>How many edges of a target have reported since then.</summary>
    public Task<int> CountAsync(string target, DateTimeOffset since, CancellationToken cancellationToken) =>
        table.CountAsync($"PartitionKey eq {target} and Timestamp ge {since}", cancellationToken);

    /// <summary>Every edge.</summary>
    public Task<ImmutableArray<FleetMember>> ListAsync(CancellationToken cancellationToken) =>
        QueryAsync($"PartitionKey ge {""}", cancellationToken);

    /// <summary>Forgets an edge; nothing happens when it is gone already.</summary>
    public Task RemoveAsync(string target, string edge, CancellationToken cancellationToken) =>
        table.DeleteAsync(target, edge, cancellationToken);

    // Edges are many and of several ages: a row that cannot be read, or speaks for another edge, must not hide the
    // rest.
    private async Task<ImmutableArray<FleetMember>> QueryAsync(
        FormattableString filter, CancellationToken cancellationToken)
    {
        var members = ImmutableArray.CreateBuilder<FleetMember>();
        await foreach (TableEntity row in table.QueryAsync(filter, cancellationToken))
        {
            if (TableDocument.TryRead<FleetReport>(row, out _) is { Schema: FleetReport.CurrentSchema } report
                && report.Target == row.PartitionKey && report.Edge == row.RowKey && row.Timestamp is { } at)
            {
                members.Add(new FleetMember { Report = report, ReportedAt = at });
            }
        }

        return members.ToImmutable();
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex EdgeName();
}
