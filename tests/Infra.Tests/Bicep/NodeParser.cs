using System.Diagnostics;
using System.Text.Json;
using Pipeline.Testing;

namespace Pipeline.Infra.Tests.Bicep;

/// <summary>A Node.js program that answers each line with a line of JSON: the parsers that the tests use come from npm.</summary>
internal sealed class NodeParser : IDisposable
{
    private readonly Process process;
    private readonly Lock gate = new();

    /// <param name="script">Path in this project's folder.</param>
    public NodeParser(string script)
    {
        process = Process.Start(new ProcessStartInfo("node", [Repository.PathOf("tests", "Infra.Tests", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        // The process ends with its standard input, so also when the tests are killed.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    public JsonElement Ask(string text)
    {
        lock (gate)
        {
            process.StandardInput.WriteLine(JsonSerializer.Serialize(text));
            process.StandardInput.Flush();
            string? answer = process.StandardOutput.ReadLine();
            return JsonSerializer.Deserialize<JsonElement>(
                answer ?? throw new InvalidOperationException("The parser has ended; run 'npm ci --ignore-scripts' in the repository."));
        }
    }

    public void Dispose() => process.Dispose();
}
