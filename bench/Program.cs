using Pipeline.Bench;
using Pipeline.Bench.Serving;

return args is [LoadGenerator.Verb] ? LoadGenerator.Run() : await BenchCommand.RunAsync(args);
