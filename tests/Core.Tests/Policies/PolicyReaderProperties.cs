using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Tests.Policies;

public sealed class PolicyReaderProperties
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ":", ",", "\"lanes\"", "\"rollout\"", "\"steps\"", "\"gates\"", "\"percent\"", "\"quorum\"", "\"all\"",
        "\"3s\"", "\"\\ud800\"", "null", "true", "1", "-0.5", "1e400", "\"accuracy\"", "\"profiles\"", "\"inputs\"", "\"min\"", " ",
    ];

    [Fact]
    public void AnyBytes_GiveAPolicyOrErrors_NeverAnException() =>
        Prop.ForAll<byte[]>(bytes => IsSettled(bytes ?? [])).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyTokens_GiveAPolicyOrErrors_NeverAnException() =>
        Prop.ForAll<int[]>(numbers => IsSettled(Encoding.UTF8.GetBytes(
            string.Concat((numbers ?? []).Select(n => Pieces[(n & int.MaxValue) % Pieces.Length])))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    /// <summary>A value of any kind in place of any field of a good policy.</summary>
    [Fact]
    public void AnyValue_InAnyField_GivesAPolicyOrErrors()
    {
        string[] values = ["null", "true", "[]", "{}", "[{}]", "[null]", "{\"x\":{}}", "\"\"", "0", "-1", "1e400", "0.123456"];
        string[] fields = ["schema", "lanes", "targets", "precision", "profiles", "quorum", "approval", "buildDeadline", "rollout", "gates", "batching"];
        string[] nested = ["steps", "errorShareIncrease", "p99Ratio", "maximumWait", "afterMaximumWait", "shadow"];
        string[] deeper =
        [
            "quorum.targets", "quorum.fleetShare", "batching.maximum", "batching.wait", "batching.padding", "gates.benchmark",
        ];
        string[] step = ["percent", "bake", "samples"];
        foreach (string value in values)
        {
            Assert.All(fields, f => Assert.True(IsSettled(Encoding.UTF8.GetBytes($$"""{"{{f}}":{{value}}}"""))));
            Assert.All(nested, f => Assert.True(IsSettled(Encoding.UTF8.GetBytes($$$"""{"rollout":{"{{{f}}}":{{{value}}}}}"""))));
            Assert.All(deeper.Select(d => d.Split('.')), d =>
                Assert.True(IsSettled(Encoding.UTF8.GetBytes($$$"""{"{{{d[0]}}}":{"{{{d[1]}}}":{{{value}}}}}"""))));
            Assert.All(
                step, f => Assert.True(IsSettled(Encoding.UTF8.GetBytes($$$$"""{"rollout":{"steps":[{"{{{{f}}}}":{{{{value}}}}}]}}"""))));
        }
    }

    /// <summary>Whatever is read without errors keeps every promise that the rest relies on.</summary>
    private static bool IsSettled(byte[] json)
    {
        PolicyReading reading = PolicyReader.Read(json, [Some.Cpu]);
        if (reading.Policy is not { } policy) return reading.Errors.Length is > 0 and <= 31;
        int[] weights = [.. policy.Rollout.Steps.Select(s => s.Weight)];
        return reading.Errors.IsEmpty && weights.All(w => w is > 0 and < 10_000) && weights.SequenceEqual(weights.Distinct().Order());
    }
}
