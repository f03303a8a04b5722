using Pipeline.Bench;

return await BenchCommand.RunAsync(args);
