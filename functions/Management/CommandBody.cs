using Microsoft.AspNetCore.Http;
using Pipeline.Core.Json;
using Pipeline.Core.Management;

namespace Pipeline.Functions.Management;

/// <summary>Reads the optional JSON body of a command.</summary>
internal static class CommandBody
{
    private const int SizeBytesMaximum = 16 * 1024;

    /// <summary>The request, or null with the fault as a sentence. An empty body is an empty request.</summary>
    public static async Task<(CommandRequest? Request, string? Fault)> ReadAsync(
        HttpRequest http, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        byte[] buffer = new byte[4096];
        int read;
        while ((read = await http.Body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > SizeBytesMaximum) return (null, $"The body is over {SizeBytesMaximum} bytes.");
        }

        if (body.Length == 0) return (new CommandRequest(), null);
        CommandRequest? request = PipelineJson.TryRead<CommandRequest>(body.ToArray(), out string? fault);
        return request?.Reason is { Length: > CommandRequest.ReasonLengthMaximum }
            ? (null, $"The reason is over {CommandRequest.ReasonLengthMaximum} characters.")
            : (request, fault);
    }
}
