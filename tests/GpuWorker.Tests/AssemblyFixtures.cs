using Pipeline.Testing;

[assembly: AssemblyFixture(typeof(CloudFixture))]
