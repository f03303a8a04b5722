using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Pipeline.ServiceBus.Tests")]
