using Microsoft.Extensions.Configuration;

namespace Pipeline.GpuWorker.Tests;

public sealed class EngineSettingsTests
{
    [Fact]
    public void Read_Sections_FillsBothWithTheProvidersOwnOptions()
    {
        EngineSettings settings = Read(
            ("OnnxRuntime:IntraOpThreads", "3"), ("OnnxRuntime:Spinning", "false"), ("OnnxRuntime:ProviderOptions:device_id", "2"),
            ("TensorRt:Device", "1"), ("TensorRt:Build:OptimizationLevel", "5"));

        Assert.Equal((3, false), (settings.OnnxRuntime.IntraOpThreads, settings.OnnxRuntime.Spinning));
        Assert.Equal("2", settings.OnnxRuntime.ProviderOptions["device_id"]);
        Assert.Equal((1, 5), (settings.TensorRt.Device, settings.TensorRt.Build.OptimizationLevel));
        Assert.Equal((2, 1), (settings.DeviceOf("ort-1.29.0-cuda"), settings.DeviceOf("trt-11.1.0.106")));
    }

    [Fact]
    public void Read_Nothing_IsTheDefaults()
    {
        EngineSettings settings = Read();

        Assert.Equal(("cpu", true), (settings.OnnxRuntime.Provider, settings.OnnxRuntime.Spinning));
        Assert.Equal(7, settings.WithThreads(7).OnnxRuntime.IntraOpThreads);
        Assert.Equal(0, settings.WithThreads(0).OnnxRuntime.IntraOpThreads);
    }

    [Fact]
    public void Read_WrongValue_NamesTheSetting() => Assert.Contains(
        "Device",
        Assert.Throws<InvalidOperationException>(() => Read(("TensorRt:Device", "first"))).Message,
        StringComparison.Ordinal);

    private static EngineSettings Read(params (string Key, string Value)[] settings) => EngineSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value)).Build());
}
