using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Pipeline.Core.Json;

namespace Pipeline.Functions.Management;

/// <summary>Answers in the pipeline's one JSON spelling; errors as RFC 9457 problem details.</summary>
internal static class Answer
{
    public static IActionResult Of<T>(T value) => new ContentResult
    {
        Content = System.Text.Encoding.UTF8.GetString(PipelineJson.Write(value)),
        ContentType = "application/json",
        StatusCode = StatusCodes.Status200OK,
    };

    public static IActionResult NotFound(string detail) => Problem(StatusCodes.Status404NotFound, "Not found", detail);

    public static IActionResult BadRequest(string detail) => Problem(StatusCodes.Status400BadRequest, "Bad request", detail);

    public static IActionResult Forbidden(string detail) => Problem(StatusCodes.Status403Forbidden, "Forbidden", detail);

    /// <summary>The command cannot be carried out in the present state.</summary>
    public static IActionResult Conflict(string detail) => Problem(StatusCodes.Status409Conflict, "Refused", detail);

    private static ContentResult Problem(int status, string title, string detail) => new()
    {
        Content = System.Text.Encoding.UTF8.GetString(
            PipelineJson.Write(new ProblemDocument { Status = status, Title = title, Detail = detail })),
        ContentType = "application/problem+json",
        StatusCode = status,
    };

    private sealed record ProblemDocument
    {
        public required int Status { get; init; }

        public required string Title { get; init; }

        public required string Detail { get; init; }
    }
}
