using Microsoft.Azure.Functions.Worker;

namespace Pipeline.Functions.Tests.Host;

public sealed class FunctionCatalogTests
{
    [Theory]
    [InlineData(typeof(FaultySamples.OddParameter), "Function 'OddParameter' has parameter 'where' of type Uri")]
    [InlineData(typeof(FaultySamples.OddTrigger), "Function 'OddTrigger' takes its trigger 'message' as Uri")]
    [InlineData(typeof(FaultySamples.Duplicate), "Function 'twice' has the name of")]
    [InlineData(typeof(FaultySamples.Batched), "Function 'Batched' sets IsBatched")]
    [InlineData(typeof(FaultySamples.Sessions), "Function 'Sessions' sets IsSessionsEnabled")]
    [InlineData(typeof(FaultySamples.Unset), "Function 'Unset' '%Nowhere%' asks for setting 'Nowhere'")]
    [InlineData(typeof(FaultySamples.NoTrigger), "Function 'NoTrigger' has 0 parameters with a trigger")]
    [InlineData(typeof(FaultySamples.Hidden), "Function 'Hidden' is not public: make 'Hidden.Run' public")]
    [InlineData(typeof(FaultySamples.BadSchedule), "Function 'BadSchedule' has the schedule '0 * * * 13 *'")]
    [InlineData(typeof(FaultySamples.AsyncVoid), "Function 'AsyncVoid' is async void")]
    [InlineData(typeof(FaultySamples.Plain), "Function 'Plain' answers with String")]
    [InlineData(typeof(FaultySamples.UnboundInt), "write {n:int} in its route 'api/a/{n}'")]
    [InlineData(typeof(FaultySamples.BadRoute), "Function 'BadRoute' has the route 'api/a/{n'")]
    [InlineData(typeof(FaultySamples.SameRoute), "Function 'SameB' answers PUT /api/A/{other}, as 'SameA' does")]
    [InlineData(typeof(FaultySamples.MessageOutput), "Function 'MessageOutput' has [ServiceBusOutput] but does not")]
    [InlineData(typeof(FaultySamples.LostResult), "Function 'LostResult' returns a value that nothing takes")]
    public async Task Build_WithAFunctionThatCantRun_SaysWhy(Type functions, string said)
    {
        await using TestHost host = TestHost.With();

        var fault = Assert.Throws<FunctionWorkerException>(() => host.Build(functions));

        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
        Assert.Single(fault.Message.Split(Environment.NewLine));
    }

    [Fact]
    public async Task Build_WithSeveralFaults_SaysAll()
    {
        await using TestHost host = TestHost.With();

        var fault = Assert.Throws<FunctionWorkerException>(
            () => host.Build(
                typeof(FaultySamples.Batched), typeof(TimerSamples.EveryMinute), typeof(FaultySamples.Plain)));

        Assert.Equal(2, fault.Message.Split(Environment.NewLine).Length);
    }
}
