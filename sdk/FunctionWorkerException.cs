namespace Microsoft.Azure.Functions.Worker;

/// <summary>The app can't run as it is written or configured; the message says what to change.</summary>
#pragma warning disable CA1032 // The official exception has these two constructors only.
public class FunctionWorkerException : Exception
#pragma warning restore CA1032
{
    public FunctionWorkerException(string? message)
        : base(message)
    {
    }

    public FunctionWorkerException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
