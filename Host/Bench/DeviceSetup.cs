using Pipeline.Inference;

namespace Pipeline.Host.Bench;

/// <summary>A way of running a model on a device.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="IsHalf">Whether the model in half precision is run.</param>
/// <param name="Apply">Changes the session's options to it.</param>
internal sealed record DeviceSetup(string Name, bool IsHalf, Func<ModelSessionOptions, ModelSessionOptions> Apply)
{
    private static readonly DeviceSetup Single = new("fp32", false, options => options);
    private static readonly DeviceSetup Half = new("fp16", true, options => options);

    /// <summary>The ways on a provider; with CUDA, the precisions as they are and what may make each of them faster.</summary>
    public static IReadOnlyList<DeviceSetup> On(ExecutionProvider provider) => provider != ExecutionProvider.Cuda
        ? [Single, Half]
        :
        [
            Single,
            Single.With("graph", options => options with { CudaGraph = true }),
            Single.With("channels-last", options => options with { ChannelsLast = true }),
            new("tf32", false, options => options with { TensorFloat32 = true }),
            new("tf32 graph", false, options => options with { TensorFloat32 = true, CudaGraph = true }),
            new("tf32 channels-last graph", false, options => options with { TensorFloat32 = true, ChannelsLast = true, CudaGraph = true }),
            Half,
            Half.With("graph", options => options with { CudaGraph = true }),
            Half.With("channels-last", options => options with { ChannelsLast = true }),
            Half.With("channels-last graph", options => options with { ChannelsLast = true, CudaGraph = true }),
            Half.With("channels-last graph exhaustive", options => options with { ChannelsLast = true, CudaGraph = true, ExhaustiveSearch = true }),
            Half.With("channels-last graph spinning", options => options with { ChannelsLast = true, CudaGraph = true, Spinning = true }),
        ];

    private DeviceSetup With(string what, Func<ModelSessionOptions, ModelSessionOptions> apply) =>
        new($"{Name} {what}", IsHalf, apply);
}
