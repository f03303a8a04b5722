using Pipeline.Core.Naming;
using Pipeline.Engines.Cuda;

namespace Pipeline.Engines.Tests.Cuda;

/// <summary>What a GPU is called in a target.</summary>
public sealed class CudaProductTests
{
    [Theory]
    [InlineData("NVIDIA H200", "h200")]
    [InlineData("NVIDIA H100 80GB HBM3", "h100")]
    [InlineData("NVIDIA A100-SXM4-80GB", "a100")]
    [InlineData("Tesla T4", "t4")]
    [InlineData("NVIDIA A10G", "a10g")]
    [InlineData("NVIDIA L40S", "l40s")]
    [InlineData("NVIDIA GeForce RTX 4090", "rtx4090")]
    [InlineData("NVIDIA RTX 6000 Ada Generation", "rtx6000")]
    [InlineData("Quadro RTX 8000", "rtx8000")]
    [InlineData("Simulated h200", "h200")]
    [InlineData("Simulated GPU", null)]
    [InlineData("Orin", null)]
    [InlineData("", null)]
    [InlineData("NVIDIA Graphics Device", null)]
    public void Of_AName_IsTheProduct(string name, string? product) => Assert.Equal(product, CudaProduct.Of(name));

    [Theory]
    [InlineData("NVIDIA H200", "sm_90-h200 sm_90")]
    [InlineData("../../etc", "sm_90")]
    [InlineData("NVIDIA 9876543210987654321098765432109876543210", "sm_90")]
    public void Targets_OfADevice_AreNarrowestFirstAndAlwaysNames(string name, string targets)
    {
        var device = new CudaDevice
        {
            Ordinal = 0,
            Name = name,
            Uuid = "GPU-0",
            Major = 9,
            Minor = 0,
            Multiprocessors = 132,
            MemoryBytes = 1L << 37,
        };
        Assert.Equal(targets, string.Join(' ', device.Targets));
        Assert.All(device.Targets, t => Assert.True(Names.IsTarget(t)));
    }
}
