using System.CommandLine;
using System.Globalization;
using Pipeline.Core.Naming;
using Pipeline.Local.Environments;
using Pipeline.Local.Uploading;
using Pipeline.Onnx.Inspection;

namespace Pipeline.Local.Commands;

/// <summary><c>check</c>: finds what an upload would be refused for, without any environment.</summary>
internal static class CheckCommand
{
    private static readonly Argument<FileInfo> File = CommonOptions.File();
    private static readonly Option<FileInfo> Policy = CommonOptions.Policy();
    private static readonly Option<FileInfo[]> Golden = CommonOptions.Golden();

    private static readonly Option<string[]> Lanes = new("--lane")
    {
        Description = "A lane that the policy may name; may be repeated (default: those of the running environment, " +
            "else this machine's)",
        HelpName = "TARGET/RUNTIME",
    };

    public static Command Create() =>
        new Command("check", "Check a model, its policy and its golden files before uploading them")
        {
            File, Policy, Golden, Lanes,
        }.Runs(RunAsync);

    /// <summary>Prints what is wrong with an upload, and what could not be checked.</summary>
    public static void PrintFaults(UploadCheck check)
    {
        foreach (string note in check.Notes) CommandSession.Out.WriteLine($"note: {note}");
        foreach (string error in check.Errors) CommandSession.Error.WriteLine($"error: {error}");
    }

    private static async Task<int> RunAsync(CommandSession session, CancellationToken cancellationToken)
    {
        var upload = new Upload
        {
            ModelPath = session.Get(File).FullName,
            PolicyPath = session.Get(Policy)?.FullName,
            GoldenPaths = [.. (session.Get(Golden) ?? []).Select(f => f.FullName)],
        };
        UploadCheck check = await UploadChecker.CheckAsync(upload, await LanesOfAsync(session), cancellationToken);
        if (session.Json)
        {
            CommandSession.WriteJson(check);
        }
        else
        {
            if (check.Model is { } model) Print(check, model);
            PrintFaults(check);
            if (check.IsSound) CommandSession.Out.WriteLine("Everything that can be checked here is in order.");
        }

        return check.IsSound ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<IReadOnlyCollection<Lane>?> LanesOfAsync(CommandSession session)
    {
        if (session.Get(Lanes) is { Length: > 0 } named)
        {
            return
            [
                .. named.Select(text => Lane.TryParse(text, out Lane lane)
                    ? lane
                    : throw new CommandException(
                        $"'{text}' is not a lane; write target/runtime, such as 'cpu-x64-avx2/ort-1.29.0-cpu'.",
                        ExitCodes.Usage)),
            ];
        }

        try
        {
            await using RunningEnvironment environment = session.OpenEnvironment();
            return environment.Lanes;
        }
        catch (CommandException) when (session.EnvironmentName is null)
        {
            return new[] { LocalEnvironment.LaneOfThisMachine() };
        }
    }

    private static void Print(UploadCheck check, OnnxModelInfo model)
    {
        TextWriter writer = CommandSession.Out;
        writer.WriteLine($"{check.File}");
        writer.WriteLine($"  {check.SizeBytes} bytes, SHA-256 {check.Sha256}");
        string opsets = string.Join(", ", model.Opsets.Select(Opset));
        writer.WriteLine($"  IR {model.IrVersion}, opsets {opsets}, by '{model.ProducerName}'");
        foreach (OnnxValue input in model.Inputs) writer.WriteLine($"  input  {Value(input)}");
        foreach (OnnxValue output in model.Outputs) writer.WriteLine($"  output {Value(output)}");
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {model.NodeCount} nodes, {model.InitializerCount + model.ConstantCount} tensors of weights with " +
            $"{model.InitializerBytes + model.ConstantBytes} bytes, " +
            $"external data {model.ExternalBytes} bytes, subgraphs {model.SubgraphDepth} deep"));
        writer.WriteLine($"  operators: {string.Join(", ", model.Operators.Select(o => $"{o.OpType} x{o.Count}"))}");
    }

    private static string Opset(OnnxOpset opset) =>
        $"{(opset.Domain.Length == 0 ? "ai.onnx" : opset.Domain)} {opset.Version}";

    private static string Value(OnnxValue value) =>
        $"'{value.Name}' {value.ElementType} [{(value.Dimensions is { } d ? string.Join(", ", d) : "any rank")}]";
}
