using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

/// <summary>Functions that can't run, each for one reason.</summary>
public static class FaultySamples
{
    public sealed class OddParameter
    {
        [Function("OddParameter")]
        public void Run([TimerTrigger("0 * * * * *")] TimerInfo timer, Uri where) => throw new NotSupportedException();
    }

    public sealed class OddTrigger
    {
        [Function("OddTrigger")]
        public void Run([ServiceBusTrigger("q")] Uri message) => throw new NotSupportedException();
    }

    public sealed class Duplicate
    {
        [Function("Twice")]
        public void One([TimerTrigger("0 * * * * *")] TimerInfo timer) => throw new NotSupportedException();

        [Function("twice")]
        public void Two([TimerTrigger("0 * * * * *")] TimerInfo timer) => throw new NotSupportedException();
    }

    public sealed class Batched
    {
        [Function("Batched")]
        public void Run([ServiceBusTrigger("q", IsBatched = true)] string[] messages) =>
            throw new NotSupportedException();
    }

    public sealed class Sessions
    {
        [Function("Sessions")]
        public void Run([ServiceBusTrigger("q", IsSessionsEnabled = true)] string message) =>
            throw new NotSupportedException();
    }

    public sealed class Unset
    {
        [Function("Unset")]
        public void Run([ServiceBusTrigger("%Nowhere%")] string message) => throw new NotSupportedException();
    }

    public sealed class NoTrigger
    {
        [Function("NoTrigger")]
        public void Run(FunctionContext context) => throw new NotSupportedException();
    }

    public sealed class Hidden
    {
        [Function("Hidden")]
        internal void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => throw new NotSupportedException();
    }

    public sealed class BadSchedule
    {
        [Function("BadSchedule")]
        public void Run([TimerTrigger("0 * * * 13 *")] TimerInfo timer) => throw new NotSupportedException();
    }

    public sealed class AsyncVoid
    {
        [Function("AsyncVoid")]
        public async void Run([TimerTrigger("0 * * * * *")] TimerInfo timer) => await Task.Yield();
    }

    public sealed class Plain
    {
        [Function("Plain")]
        public string Run([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
            throw new NotSupportedException();
    }

    public sealed class UnboundInt
    {
        [Function("UnboundInt")]
        public IActionResult Run(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "a/{n}")] HttpRequest request, int n) =>
            throw new NotSupportedException();
    }

    public sealed class BadRoute
    {
        [Function("BadRoute")]
        public IActionResult Run(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "a/{n")] HttpRequest request) =>
            throw new NotSupportedException();
    }

    public sealed class SameRoute
    {
        [Function("SameA")]
        public IActionResult A(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", "put", Route = "a/{n}")] HttpRequest request) =>
            throw new NotSupportedException();

        [Function("SameB")]
        public IActionResult B(
            [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "A/{other}")] HttpRequest request) =>
            throw new NotSupportedException();
    }

    public sealed class MessageOutput
    {
        [Function("MessageOutput")]
        [ServiceBusOutput("q")]
        public ServiceBusMessage Run([TimerTrigger("0 * * * * *")] TimerInfo timer) =>
            throw new NotSupportedException();
    }

    public sealed class LostResult
    {
        [Function("LostResult")]
        public Task<string> RunAsync([TimerTrigger("0 * * * * *")] TimerInfo timer) =>
            throw new NotSupportedException();
    }
}
