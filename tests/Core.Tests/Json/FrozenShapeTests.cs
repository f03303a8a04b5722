using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Builds;
using Pipeline.Core.Fleet;
using Pipeline.Core.Gates;
using Pipeline.Core.Json;
using Pipeline.Core.Policies;
using Pipeline.Core.Promotions;
using Pipeline.Core.Rollouts;

namespace Pipeline.Core.Tests.Json;

/// <summary>
/// Every stored and sent shape as committed text under Frozen/. Rows, blobs and messages outlive the program that wrote them:
/// members may be added, and nothing may be renamed, retyped or dropped.
/// </summary>
public sealed class FrozenShapeTests
{
    private static readonly string Committed = Testing.Repository.PathOf("tests", "Core.Tests", "Json", "Frozen");

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
    };

    public static TheoryData<string> Names { get; } = [.. FrozenShapes.All.Select(s => s.GetType().Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Shape_AsWritten_IsTheCommittedText(string name)
    {
        string actual = Text(Value(name)) + "\n";
        string actualPath = Path.Combine(AppContext.BaseDirectory, $"{name}.actual.json");
        File.WriteAllText(actualPath, actual);
        string path = Path.Combine(Committed, $"{name}.json");
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == actual,
            $"{name} is no longer written as tests/Core.Tests/Json/Frozen/{name}.json says. What is stored and sent must stay "
            + $"readable: undo the change, or, if members were only added, copy {actualPath} over it.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Shape_AsCommitted_ReadsBack(string name)
    {
        object value = Value(name);
        byte[] committed = File.ReadAllBytes(Path.Combine(Committed, $"{name}.json"));
        object? read = JsonSerializer.Deserialize(committed, value.GetType(), PipelineJson.Options);
        Assert.Equal(Text(value), Text(read!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Shape_HasEveryMemberSet(string name) => Assert.Equal([], Unset(Value(name), name));

    [Fact]
    public void EveryShape_IsFrozen()
    {
        HashSet<Type> seen = [];
        foreach (object value in FrozenShapes.All) Collect(value, seen);
        // What never leaves the process: facts and decisions that one call hands to the next, and inputs of a digest.
        string[] inside =
        [
            "EngineKeyInputs", "PolicyReading", "PromotionSummary", "RouteChange", "RolloutDecision", "WindowCounters",
            "SnapshotReading", "UploadFacts", "PairedRound", "PairedSide",
            "Quorum", "FleetVersion", "FleetChange", "FleetPlan",
        ];
        string[] missing =
        [
            .. typeof(Promotion).Assembly.GetExportedTypes()
                .Where(t => t is { IsClass: true, IsAbstract: false, IsNested: false } && t.GetMethod("<Clone>$") is not null)
                .Where(t => !seen.Contains(t) && !inside.Contains(t.Name)).Select(t => t.Name),
        ];
        Assert.Equal([], missing);
    }

    // Frozen: stored and sent by name; add only.
    [Theory]
    [InlineData(
        typeof(PromotionState),
        "Accepted Building Gated RollingOut Live Held Rejected Failed Cancelled RolledBack Superseded Retired")]
    [InlineData(typeof(LanePhase), "Queued Passed Failed Inconclusive Error")]
    [InlineData(
        typeof(BuildFailureKind),
        "Overwritten UnsupportedOperator BuildFailed LoadFailed ProfileFailed GoldenMismatch NoInputs WrongLane "
        + "DeadlineExceeded DeadLettered BadRequest OutOfMemory")]
    [InlineData(typeof(Verdict), "Passed Failed Inconclusive Error")]
    [InlineData(typeof(EdgeEngineStatus), "Loading Serving Failed NoEngineForRuntime MemoryExceeded")]
    [InlineData(typeof(BaselineFault), "NotMeasured Gone Damaged OutOfMemory DoesNotLoad DoesNotRun")]
    [InlineData(typeof(RolloutAction), "Wait Advance Promote Withdraw Hold")]
    public void Enum_KeepsItsNames(Type type, string names) =>
        Assert.Equal(names.Split(' '), Enum.GetNames(type).Take(names.Split(' ').Length));

    /// <summary>Nulls are not written, so a limit that is on by default would come back on.</summary>
    [Fact]
    public void Limits_SwitchedOff_ReadBackAsOff()
    {
        var off = new PromotionPolicy
        {
            Benchmark = new BenchmarkLimits { Regression = new() { P50Maximum = null, P99Maximum = null, ThroughputMaximum = null } },
            Rollout = new RolloutPolicy { P99RatioMaximum = null },
        };
        PromotionPolicy read = PipelineJson.TryRead<PromotionPolicy>(PipelineJson.Write(off), out _)!;
        Assert.Equal(off.Benchmark.Regression, read.Benchmark.Regression);
        Assert.Null(read.Rollout.P99RatioMaximum);
        var none = new PromotionPolicy { Benchmark = new BenchmarkLimits { Regression = null } };
        Assert.Null(PipelineJson.TryRead<PromotionPolicy>(PipelineJson.Write(none), out _)!.Benchmark.Regression);
    }

    [Fact]
    public void Read_OfUnknownMembers_IgnoresThem() =>
        // Newer programs add members; older ones must go on reading.
        Assert.NotNull(PipelineJson.TryRead<StageTime>("""{"stage":"build","seconds":1,"later":{}}"""u8, out _));

    private static object Value(string name) => FrozenShapes.All.Single(s => s.GetType().Name == name);

    private static string Text(object value)
    {
        JsonElement json = JsonSerializer.SerializeToElement(value, value.GetType(), PipelineJson.Options);
        return JsonSerializer.Serialize(json, Indented);
    }

    private static IEnumerable<PropertyInfo> Members(object value) => value.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.GetIndexParameters().Length == 0 && p.GetCustomAttribute<JsonIgnoreAttribute>() is null or { Condition: JsonIgnoreCondition.Never });

    private static bool IsRecord(object value) => value.GetType().GetMethod("<Clone>$") is not null;

    private static IEnumerable<string> Unset(object value, string path)
    {
        foreach (PropertyInfo member in Members(value))
        {
            string name = $"{path}.{member.Name}";
            object? inner = member.GetValue(value);
            if (inner is null or IImmutableList<string> { Count: 0 } || inner is ICollection { Count: 0 }) yield return name;
            else if (IsRecord(inner)) foreach (string unset in Unset(inner, name)) yield return unset;
            else if (inner is IEnumerable items and not string)
            {
                foreach (object item in items)
                {
                    if (IsRecord(item)) foreach (string unset in Unset(item, name)) yield return unset;
                }
            }
        }
    }

    private static void Collect(object value, HashSet<Type> seen)
    {
        if (value is string) return;
        if (value is IEnumerable items)
        {
            foreach (object item in items) Collect(item, seen);
        }
        else if (value.GetType() is { IsGenericType: true } pair && pair.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
        {
            Collect(pair.GetProperty("Value")!.GetValue(value)!, seen);
        }
        else if (IsRecord(value) && seen.Add(value.GetType()) is var _)
        {
            foreach (PropertyInfo member in Members(value))
            {
                if (member.GetValue(value) is { } inner) Collect(inner, seen);
            }
        }
    }
}
