using Pipeline.Local.Commands;

return await CommandTree.RunAsync(args);
