using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.Environments;

/// <summary>What went wrong on the way to a deployed environment, in one sentence with what to do.</summary>
public static class AccessFaults
{
    /// <param name="fault">What a client of Azure threw.</param>
    /// <param name="environment">Name of the environment.</param>
    public static string SentenceOf(Exception fault, string environment) => fault switch
    {
        // All tries of a client of Azure failed, alike as a rule.
        AggregateException { InnerExceptions: [.., var last] } => SentenceOf(last, environment),
        CredentialUnavailableException =>
            $"Nobody is signed in: run 'azd auth login' or 'az login' and try again (or set AZURE_CLIENT_ID, AZURE_TENANT_ID and " +
            $"AZURE_CLIENT_SECRET, or run where there is a managed identity).",
        AuthenticationFailedException => $"Signing in failed: {FirstLine(fault)}",
        _ when IsUnknownName(fault) =>
            $"The name of a service of environment '{environment}' is not known: is the environment still deployed, and is this " +
            $"machine on its network? 'azd env refresh -e {environment}' reads its addresses again. ({FirstLine(fault)})",
        RequestFailedException { Status: (int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.Forbidden } refused =>
            $"Storage refused this account ({refused.ErrorCode ?? refused.Status.ToString(null, null)}): 'push' needs the role " +
            "Storage Blob Data Contributor on the container 'models', 'explain' the role Storage Blob Data Reader on the container " +
            "'reports', and the account's network rules must let this machine in. A new role takes some minutes.",
        // A file that may not be read is told by the runtime itself.
        UnauthorizedAccessException { Source: not "System.Private.CoreLib" } =>
            "Service Bus refused this account: 'events' and 'deadletters list' need the role Azure Service Bus Data Receiver, " +
            "'deadletters replay' the role Azure Service Bus Data Sender, too. A new role takes some minutes.",
        ServiceBusException { Reason: ServiceBusFailureReason.MessagingEntityNotFound } =>
            $"Environment '{environment}' has no such queue or subscription: {FirstLine(fault)}",
        _ => FirstLine(fault),
    };

    private static bool IsUnknownName(Exception? fault) => fault switch
    {
        null => false,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => true,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => true,
        _ => IsUnknownName(fault.InnerException),
    };

    // Azure's clients go on with headers and request ids.
    private static string FirstLine(Exception fault) => fault.Message.Split('\n')[0].Trim();
}
