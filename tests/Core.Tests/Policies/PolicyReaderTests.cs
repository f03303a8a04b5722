using System.Text;
using Pipeline.Core.Json;
using Pipeline.Core.Naming;
using Pipeline.Core.Policies;

namespace Pipeline.Core.Tests.Policies;

public sealed class PolicyReaderTests
{
    private const string Full = """
        {
          "schema": 1,
          "lanes": ["cpu-x64-avx2/ort-1.29.0-cpu"],
          "targets": ["sm_75"],
          "precision": "model",
          "profiles": [
            {"name": "line", "inputs": {"x": {"min": [1,3,48,32], "typical": [1,3,48,320], "max": [4,3,48,1280]}}}
          ],
          "gates": {
            "accuracy": {
              "cosine": 0.99, "absoluteError": 0.05, "relativeError": null, "top1Agreement": 0.98,
              "seededSamples": 2, "seed": 7
            },
            "benchmark": {
              "p50Milliseconds": 50, "p90Milliseconds": 60, "p99Milliseconds": 80, "throughputPerSecond": 10,
              "warmUp": "150ms", "duration": "1.5s",
              "regression": {"p50": 0.02, "p99": null, "throughput": 0.03, "timeLimit": "30s"}
            }
          },
          "quorum": 2,
          "batching": {
            "maximum": 8, "wait": "2ms", "padding": [{"input": "x", "axis": 3, "multiple": 32, "value": 0.5}]
          },
          "approval": "required",
          "rollout": {
            "steps": [
              {"percent": 10, "bake": "3s", "samples": 20},
              {"percent": 12.25, "bake": "1m", "samples": 0}
            ],
            "errorShareIncrease": 0.02,
            "p99Ratio": null,
            "maximumWait": "24h",
            "afterMaximumWait": "promote",
            "shadow": {"percent": 5, "cosine": 0.9, "absoluteError": 0.1, "top1": true, "divergedShare": 0.05}
          },
          "buildDeadline": "3h",
          "holdDeadline": "2d"
        }
        """;

    private const string QuorumForms =
        "$.quorum: it must be \"all\", a whole number, {\"targets\": [...]} or {\"fleetShare\": 0.8}.";

    private static readonly Lane[] Deployed = [Some.Cpu, Some.Cuda, Some.TensorRt];

    [Fact]
    public void FullPolicy_ReadsEveryField()
    {
        PolicyReading reading = Read(Full);
        Assert.Empty(reading.Errors);
        Assert.Equal(
            """
            {"schema":1,"lanes":["cpu-x64-avx2/ort-1.29.0-cpu"],"targets":["sm_75"],"precision":"model","profiles":[{"name":"line","inputs":{"x":{"minimum":[1,3,48,32],"typical":[1,3,48,320],"maximum":[4,3,48,1280]}}}],"accuracy":{"cosineMinimum":0.99,"absoluteErrorMaximum":0.05,"top1AgreementMinimum":0.98,"seededSamples":2,"seed":7},"benchmark":{"warmUp":"00:00:00.1500000","duration":"00:00:01.5000000","p50MillisecondsMaximum":50,"p90MillisecondsMaximum":60,"p99MillisecondsMaximum":80,"throughputPerSecondMinimum":10,"regression":{"p50Maximum":0.02,"p99Maximum":null,"throughputMaximum":0.03,"timeLimit":"00:00:30"}},"quorum":2,"quorumTargets":[],"approvalRequired":true,"rollout":{"steps":[{"weightPercent":10,"bakeTime":"00:00:03","minimumSamples":20},{"weightPercent":12.25,"bakeTime":"00:01:00","minimumSamples":0}],"errorShareIncreaseMaximum":0.02,"p99RatioMaximum":null,"maximumWait":"1.00:00:00","afterMaximumWait":"Promote","shadow":{"sharePercent":5,"cosineMinimum":0.9,"absoluteErrorMaximum":0.1,"top1":true,"divergedShareMaximum":0.05}},"batching":{"itemsMaximum":8,"wait":"00:00:00.0020000","padding":[{"input":"x","axis":3,"multiple":32,"value":0.5}]},"buildDeadline":"03:00:00","holdDeadline":"2.00:00:00"}
            """,
            Encoding.UTF8.GetString(PipelineJson.Write(reading.Policy)));
    }

    [Fact]
    public void EmptyPolicy_IsTheDefaultWithoutApproval()
    {
        PromotionPolicy policy = Read("{}").Policy!;
        Assert.False(policy.ApprovalRequired);
        Assert.Equal(
            PipelineJson.Write(new PromotionPolicy { ApprovalRequired = false }), PipelineJson.Write(policy));
    }

    [Theory]
    [InlineData("""{"quorum":"all"}""")]
    [InlineData("""{"approval":"none"}""")]
    [InlineData("""{"gates":{}}""")]
    [InlineData("""{"gates":{"accuracy":{},"benchmark":{}}}""")]
    [InlineData("""{"rollout":{"steps":[]}}""")]
    [InlineData("""{"profiles":[{"name":"scalar","inputs":{"x":{"min":[],"typical":[],"max":[]}}}]}""")]
    [InlineData("\uFEFF{}")]
    public void Policy_OfAPart_IsRead(string json) => Assert.Empty(Read(json).Errors);

    [Theory]
    [InlineData("", "$: it is not JSON: line 1, byte 1.")]
    [InlineData("{\n  \"a\": 1,\n}", "$: it is not JSON: line 3, byte 1.")]
    [InlineData("""{"quorum":1}x""", "$: it is not JSON: line 1, byte 13.")]
    [InlineData("// hello", "$: it is not JSON: line 1, byte 1.")]
    [InlineData("[]", "$: it must be an object, not an array.")]
    [InlineData("\"\\ud800\"", "$: it holds a text that is not valid Unicode.")]
    [InlineData("""{"\ud800":1}""", "$: it holds a text that is not valid Unicode.")]
    [InlineData("""{"precison":"model"}""", "$.precison: there is no such field; did you mean 'precision'?")]
    [InlineData(
        """{"gates":{"speed":{}}}""", "$.gates.speed: there is no such field; there are accuracy, benchmark.")]
    [InlineData("""{"quorum":1,"quorum":2}""", "$.quorum: the field is there twice; keep one.")]
    [InlineData("""{"schema":2}""", "$.schema: 2 is not from 1 to 1.")]
    [InlineData("""{"lanes":"x"}""", "$.lanes: it must be an array, not the text 'x'.")]
    [InlineData("""{"lanes":[]}""", "$.lanes: it is empty; leave it out to build for every deployed lane.")]
    [InlineData("""{"lanes":[7]}""", "$.lanes[0]: it must be a text, not the number 7.")]
    [InlineData(
        """{"lanes":["sm_90/trt-11.1.0.106"]}""",
        "$.lanes[0]: 'sm_90/trt-11.1.0.106' is not deployed; what is: cpu-x64-avx2/ort-1.29.0-cpu, sm_75/ort-1.29.0-cuda, "
        + "sm_75/trt-11.1.0.106.")]
    [InlineData(
        """{"lanes":["sm_75/trt-11.1.0.106","sm_75/trt-11.1.0.106"]}""",
        "$.lanes[1]: 'sm_75/trt-11.1.0.106' is there twice; keep one.")]
    [InlineData("""{"targets":["sm_90"]}""", "$.targets[0]: 'sm_90' is not deployed; what is: cpu-x64-avx2, sm_75.")]
    [InlineData("""{"precision":"int8"}""", "$.precision: precision 'int8' is not implemented yet; use 'model'.")]
    [InlineData("""{"precision":8}""", "$.precision: it must be a text, not the number 8.")]
    [InlineData("""{"quorum":4}""", "$.quorum: 4 is above the number of lanes to build for, 3; use \"all\".")]
    [InlineData(
        """{"quorum":2,"targets":["cpu-x64-avx2"]}""",
        "$.quorum: 2 is above the number of lanes to build for, 1; use \"all\".")]
    [InlineData("""{"quorum":0}""", "$.quorum: 0 is not from 1 to 64.")]
    [InlineData("""{"quorum":1.5}""", "$.quorum: it must be a whole number, not the number 1.5.")]
    [InlineData("""{"quorum":"most"}""", QuorumForms)]
    [InlineData("""{"quorum":null}""", QuorumForms)]
    [InlineData("""{"quorum":{}}""", QuorumForms)]
    [InlineData("""{"quorum":{"targets":["sm_75"],"fleetShare":0.5}}""", QuorumForms)]
    [InlineData("""{"quorum":{"fleetShare":0}}""", "$.quorum.fleetShare: 0 is not from 0.01 to 1.")]
    [InlineData("""{"quorum":{"fleetShare":null}}""", "$.quorum.fleetShare: it must be a number, not null.")]
    [InlineData("""{"quorum":{"targets":[]}}""", "$.quorum.targets: it is empty; use \"all\".")]
    [InlineData("""{"quorum":{"targets":[7]}}""", "$.quorum.targets[0]: it must be a text, not the number 7.")]
    [InlineData("""{"quorum":{"targets":["sm_75","sm_75"]}}""", "$.quorum.targets[1]: 'sm_75' is there twice; keep one.")]
    [InlineData(
        """{"targets":["sm_75"],"quorum":{"targets":["cpu-x64-avx2"]}}""",
        "$.quorum.targets[0]: this policy does not build for 'cpu-x64-avx2'.")]
    [InlineData("""{"approval":"maybe"}""", "$.approval: it must be \"required\" or \"none\".")]
    [InlineData("""{"approval":true}""", "$.approval: it must be a text, not true.")]
    [InlineData("""{"buildDeadline":"soon"}""",
        "$.buildDeadline: 'soon' is not a duration; write a number and ms, s, m, h or d, such as '90s'.")]
    [InlineData("""{"buildDeadline":"-1s"}""",
        "$.buildDeadline: '-1s' is not a duration; write a number and ms, s, m, h or d, such as '90s'.")]
    [InlineData(
        """{"buildDeadline":"NaNs"}""",
        "$.buildDeadline: 'NaNs' is not a duration; write a number and ms, s, m, h or d, such as '90s'.")]
    [InlineData(
        """{"buildDeadline":"-Infinityms"}""",
        "$.buildDeadline: '-Infinityms' is not a duration; write a number and ms, s, m, h or d, such as '90s'.")]
    [InlineData("""{"buildDeadline":"0s"}""", "$.buildDeadline: 0s is not from 1s to 7d.")]
    [InlineData("""{"holdDeadline":7}""", "$.holdDeadline: it must be a text, not the number 7.")]
    [InlineData("""{"gates":{"accuracy":{"cosine":1.1}}}""", "$.gates.accuracy.cosine: 1.1 is not from 0 to 1.")]
    [InlineData("""{"gates":{"accuracy":{"cosine":null}}}""", "$.gates.accuracy.cosine: it must be a number, not null.")]
    [InlineData("""{"gates":{"accuracy":{"cosine":"NaN"}}}""", "$.gates.accuracy.cosine: it must be a number, not the text 'NaN'.")]
    [InlineData("""{"gates":{"accuracy":{"absoluteError":-1}}}""",
        "$.gates.accuracy.absoluteError: -1 is not from 0 to 1000000000000.")]
    [InlineData("""{"gates":{"accuracy":{"absoluteError":1e999}}}""",
        "$.gates.accuracy.absoluteError: 1e999 is not from 0 to 1000000000000.")]
    [InlineData("""{"gates":{"accuracy":{"seededSamples":65}}}""", "$.gates.accuracy.seededSamples: 65 is not from 0 to 64.")]
    [InlineData("""{"gates":{"benchmark":{"duration":"2h"}}}""", "$.gates.benchmark.duration: 2h is not from 10ms to 30m.")]
    [InlineData("""{"gates":{"benchmark":{"regression":{"p50":0}}}}""", "$.gates.benchmark.regression.p50: 0 is not from 0.001 to 10.")]
    [InlineData("""{"gates":{"benchmark":{"regression":{"throughput":1}}}}""",
        "$.gates.benchmark.regression.throughput: 1 is not from 0.001 to 0.99.")]
    [InlineData("""{"gates":{"benchmark":{"regression":{"timeLimit":"10ms"}}}}""",
        "$.gates.benchmark.regression.timeLimit: 10ms is not from 1s to 30m.")]
    [InlineData("""{"batching":{"maximum":0}}""", "$.batching.maximum: 0 is not from 1 to 4096.")]
    [InlineData("""{"batching":{"wait":"2s"}}""", "$.batching.wait: 2s is not from 0ms to 1s.")]
    [InlineData("""{"batching":{"padding":[{"input":"x","axis":1}]}}""", "$.batching.padding[0].multiple: the field is missing.")]
    [InlineData("""{"batching":{"padding":[{"input":"x","axis":0,"multiple":8}]}}""",
        "$.batching.padding[0].axis: 0 is not from 1 to 7.")]
    [InlineData("""{"batching":{"padding":[{"input":"x","axis":1,"multiple":8},{"input":"x","axis":1,"multiple":4}]}}""",
        "$.batching.padding[1].axis: axis 1 of that input is there twice.")]
    [InlineData("""{"rollout":{"afterMaximumWait":"wait"}}""",
        "$.rollout.afterMaximumWait: it must be \"hold\", \"promote\" or \"withdraw\".")]
    [InlineData("""{"rollout":{"shadow":{}}}""", "$.rollout.shadow.percent: the field is missing.")]
    [InlineData("""{"rollout":{"shadow":{"percent":0}}}""", "$.rollout.shadow.percent: 0 is not from 0.01 to 100.")]
    [InlineData("""{"rollout":{"shadow":{"percent":1,"top1":"yes"}}}""",
        "$.rollout.shadow.top1: it must be true or false, not the text 'yes'.")]
    [InlineData("""{"rollout":{"p99Ratio":0.5}}""", "$.rollout.p99Ratio: 0.5 is not from 1 to 1000.")]
    [InlineData("""{"rollout":{"steps":[{"percent":0,"bake":"1s","samples":1}]}}""",
        "$.rollout.steps[0].percent: 0 is not from 0.01 to 99.99.")]
    [InlineData("""{"rollout":{"steps":[{"percent":100,"bake":"1s","samples":1}]}}""",
        "$.rollout.steps[0].percent: 100 is not from 0.01 to 99.99.")]
    [InlineData("""{"rollout":{"steps":[{"percent":10.001,"bake":"1s","samples":1}]}}""",
        "$.rollout.steps[0].percent: 10.001 has more than two decimals.")]
    [InlineData("""{"rollout":{"steps":[{"percent":10,"bake":"1s"}]}}""", "$.rollout.steps[0].samples: the field is missing.")]
    [InlineData("""{"rollout":{"steps":[{"percent":50,"bake":"1s","samples":1},{"percent":25,"bake":"1s","samples":1}]}}""",
        "$.rollout.steps[1].percent: 25 is not above the step before it, 50; weights must rise.")]
    [InlineData("""{"rollout":{"steps":[{"percent":50,"bake":"1s","samples":1},{"percent":50,"bake":"1s","samples":1}]}}""",
        "$.rollout.steps[1].percent: 50 is not above the step before it, 50; weights must rise.")]
    [InlineData("""{"profiles":[{"name":"a b","inputs":{"x":{"min":[1],"typical":[1],"max":[1]}}}]}""",
        "$.profiles[0].name: it must be 1 to 63 letters, digits, dots, hyphens and underscores.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{}}]}""", "$.profiles[0].inputs: it names 0 inputs; name 1 to 64.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{"x":{"min":[1],"typical":[1]}}}]}""",
        "$.profiles[0].inputs.x.max: the field is missing.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{"x":{"min":[1],"typical":[1,2],"max":[1]}}}]}""",
        "$.profiles[0].inputs.x: min, typical and max have 1, 2 and 1 dimensions; they must have the same number.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{"x":{"min":[1,4],"typical":[1,3],"max":[1,5]}}}]}""",
        "$.profiles[0].inputs.x: dimension 1 is 4, 3, 5; min, typical and max must not fall.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{"x":{"min":[0],"typical":[1],"max":[1]}}}]}""",
        "$.profiles[0].inputs.x.min[0]: 0 is not from 1 to 10000000.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{"x":{"min":[1,1],"typical":[1,1],"max":[1000000,1000000]}}}]}""",
        "$.profiles[0].inputs.x: its largest shape has 1e12 elements; at most 2147483648 are allowed.")]
    [InlineData("""{"profiles":[{"name":"a","inputs":{"x":{"min":[1,1,1,1,1,1,1,1,1],"typical":[1],"max":[1]}}}]}""",
        "$.profiles[0].inputs.x.min: it has 9 entries; at most 8 are read.")]
    public void Fault_IsOneSentenceWithItsPath(string json, string error)
    {
        PolicyReading reading = Read(json);
        Assert.Null(reading.Policy);
        Assert.Equal([error], reading.Errors);
    }

    [Fact]
    public void Quorum_AsTargetsOrShare_IsRead()
    {
        Assert.Equal(["sm_75"], Read("""{"quorum":{"targets":["sm_75"]}}""").Policy!.QuorumTargets);
        Assert.Equal(0.8, Read("""{"quorum":{"fleetShare":0.8}}""").Policy!.QuorumFleetShare);
    }

    [Fact]
    public void Regression_AsNull_ComparesNothing() =>
        Assert.Null(Read("""{"gates":{"benchmark":{"regression":null}}}""").Policy!.Benchmark.Regression);

    /// <summary>A first step of no share at all makes sense only where a shadow looks at the candidate.</summary>
    [Fact]
    public void FirstStepOfZero_NeedsAShadow()
    {
        const string steps = """
            "steps":[{"percent":0,"bake":"1s","samples":0}]
            """;
        Assert.Empty(Read($$$"""{"rollout":{"shadow":{"percent":5},{{{steps}}}}}""").Errors);
        Assert.Single(Read($$$"""{"rollout":{{{{steps}}}}}""").Errors);
    }

    [Fact]
    public void Faults_AreAllTold() =>
        Assert.Equal(
            [
                "$.speed: there is no such field; there are schema, lanes, targets, precision, profiles, gates, quorum, "
                    + "approval, rollout, batching, buildDeadline, holdDeadline.",
                "$.precision: precision 'fp16' is not implemented yet; use 'model'.",
                "$.lanes[0]: it must be a text, not null.",
                "$.profiles[1].name: 'a' is there twice; each profile needs a name of its own.",
                "$.rollout.steps[0]: it must be an object, not the number 5.",
            ],
            Read(
                """
                {"speed":1,"lanes":[null],"precision":"fp16","quorum":9,"rollout":{"steps":[5]},"profiles":[
                {"name":"a","inputs":{"x":{"min":[1],"typical":[1],"max":[1]}}},
                {"name":"a","inputs":{"x":{"min":[1],"typical":[1],"max":[1]}}}]}
                """).Errors);

    [Fact]
    public void TooMuch_IsRefused()
    {
        Assert.Equal(
            ["$: the file has 65537 bytes; at most 65536 are read."], Read("{}".PadRight(65_537)).Errors);
        Assert.Equal(["$: it is nested deeper than 16 levels."], Read(new string('[', 30_000)).Errors);
        Assert.Equal(
            ["$.rollout.steps: it has 21 entries; at most 20 are read."],
            Read($$$"""{"rollout":{"steps":[{{{string.Join(',', Enumerable.Repeat("{}", 21))}}}]}}""").Errors);
        Assert.Equal(
            ["$.profiles: it has 17 entries; at most 16 are read."],
            Read($$"""{"profiles":[{{string.Join(',', Enumerable.Repeat("{}", 17))}}]}""").Errors);
        string inputs = string.Join(
            ',', Enumerable.Range(0, 65).Select(i => $$"""  "x{{i}}":{"min":[1],"typical":[1],"max":[1]}"""));
        Assert.Equal(
            ["$.profiles[0].inputs: it names 65 inputs; name 1 to 64."],
            Read($$$"""{"profiles":[{"name":"a","inputs":{{{{inputs}}}}}]}""").Errors);
        Assert.Equal(["$: the file is not UTF-8 text."], PolicyReader.Read([0x7B, 0xFF, 0x7D], Deployed).Errors);
    }

    [Fact]
    public void Errors_FromAHostileFile_AreBounded()
    {
        string[] errors = [.. Read($$"""{{{string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"{i}\":1"))}}}""").Errors];
        Assert.Equal(31, errors.Length);
        Assert.Equal("$: 4970 more errors are left out.", errors[^1]);
        Assert.All(Read($$"""{"{{new string('x', 60_000)}}":1}""").Errors, e => Assert.True(e.Length < 300));
    }

    [Fact]
    public void UnknownLane_WithNothingDeployed_SaysSo() =>
        Assert.Equal(
            ["$.lanes[0]: 'sm_75/trt-11.1.0.106' is not deployed; no lane is."],
            PolicyReader.Read("""{"lanes":["sm_75/trt-11.1.0.106"]}"""u8, []).Errors);

    [Theory]
    [InlineData("", "", "cpu-x64-avx2/ort-1.29.0-cpu sm_75/ort-1.29.0-cuda sm_75/trt-11.1.0.106")]
    [InlineData("sm_75/trt-11.1.0.106", "", "sm_75/trt-11.1.0.106")]
    [InlineData("", "sm_75", "sm_75/ort-1.29.0-cuda sm_75/trt-11.1.0.106")]
    [InlineData("cpu-x64-avx2/ort-1.29.0-cpu", "sm_75", "cpu-x64-avx2/ort-1.29.0-cpu sm_75/ort-1.29.0-cuda sm_75/trt-11.1.0.106")]
    [InlineData("sm_90/trt-11.1.0.106", "", "")]
    public void Lanes_AreThoseNamedAndThoseOfTheTargets(string lane, string target, string expected)
    {
        var policy = new PromotionPolicy
        {
            Lanes = lane.Length == 0 ? [] : [Lane.Parse(lane)],
            Targets = target.Length == 0 ? [] : [target],
        };
        Assert.Equal(expected, string.Join(' ', PolicyLanes.Choose(policy, [.. Deployed.Reverse()])));
    }

    private static PolicyReading Read(string json) => PolicyReader.Read(Encoding.UTF8.GetBytes(json), Deployed);
}
