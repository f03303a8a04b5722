using System.Net;

namespace Pipeline.Edge.Tests.Support;

/// <summary>A client of the model 'add', whose versions each add their own number to the inputs.</summary>
internal static class AddingClient
{
    /// <summary>Asks until it is stopped, and holds each answer to the one version that it names.</summary>
    /// <returns>Answers, all of them right.</returns>
    public static async Task<int> AskAsync(EdgeHarness edge, int client, CancellationToken stop)
    {
        int asked = 0;
        while (!stop.IsCancellationRequested)
        {
            InferAnswer answer = await edge.SendAsync(InferCall.Row("add", client));
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            int version = (int)answer.Floats()[1];
            Assert.Equal([client + version, version, version, version], answer.Floats());
            Assert.Equal($"{version}", answer.Version);
            asked++;
        }

        return asked;
    }
}
