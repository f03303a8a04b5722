using System.Globalization;
using System.Text;
using Pipeline.Engines.TensorRt.Native;

namespace Pipeline.Engines.Tests.TensorRt;

/// <summary>The structs here are those of the C header, byte for byte.</summary>
public sealed unsafe class NativeLayoutTests : TensorRtTest
{
    [Fact]
    public void Structs_Here_AreWhatTheCompilerMakesOfTheHeader()
    {
        var text = new StringBuilder();
        string name = "";
        nint start = 0;
        NativeShape shape;
        Struct("engine_shape", sizeof(NativeShape), &shape);
        Member("count", &shape.Count);
        Member("reserved", &shape.Reserved);
        Member("values", shape.Values);
        NativeProfileInput input;
        Struct("engine_profile_input", sizeof(NativeProfileInput), &input);
        Member("profile", &input.Profile);
        Member("reserved", &input.Reserved);
        Member("input", &input.Input);
        Member("minimum", &input.Minimum);
        Member("typical", &input.Typical);
        Member("maximum", &input.Maximum);
        NativeVersion version;
        Struct("engine_version", sizeof(NativeVersion), &version);
        Member("major", &version.Major);
        Member("minor", &version.Minor);
        Member("patch", &version.Patch);
        Member("build", &version.Build);
        Member("is_simulated", &version.IsSimulated);
        Member("reserved", &version.Reserved);
        NativeBuildOptions options;
        Struct("engine_build_options", sizeof(NativeBuildOptions), &options);
        Member("size", &options.Size);
        Member("flags", &options.Flags);
        Member("model_path", &options.ModelPath);
        Member("inputs", &options.Inputs);
        Member("input_count", &options.InputCount);
        Member("profile_count", &options.ProfileCount);
        Member("workspace_bytes", &options.WorkspaceBytes);
        Member("optimization_level", &options.OptimizationLevel);
        Member("hardware_compatibility", &options.HardwareCompatibility);
        Member("timing_cache", &options.TimingCache);
        Member("timing_cache_bytes", &options.TimingCacheBytes);
        Member("log", &options.Log);
        Member("progress", &options.Progress);
        Member("state", &options.State);
        Member("model", &options.Model);
        Member("model_bytes", &options.ModelBytes);
        Member("tactic_dram_bytes", &options.TacticDramBytes);
        Member("tactic_shared_memory_bytes", &options.TacticSharedMemoryBytes);
        NativeTensor tensor;
        Struct("engine_tensor", sizeof(NativeTensor), &tensor);
        Member("name", &tensor.Name);
        Member("type", &tensor.Type);
        Member("is_input", &tensor.IsInput);
        Member("is_on_host", &tensor.IsOnHost);
        Member("reserved", &tensor.Reserved);
        Member("shape", &tensor.Shape);
        Assert.Equal(SimulatedGpu.Layout, text.ToString());

        void Struct(string of, int size, void* at)
        {
            (name, start) = (of, (nint)at);
            text.Append(CultureInfo.InvariantCulture, $"{of} {size}\n");
        }

        void Member(string member, void* at) => text.Append(CultureInfo.InvariantCulture, $"{name}.{member} {(nint)at - start}\n");
    }
}
