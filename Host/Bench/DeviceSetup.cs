using Pipeline.Inference;

namespace Pipeline.Host.Bench;

/// <summary>A way of running a model on a device.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="IsHalf">Whether the model in half precision is run.</param>
/// <param name="Apply">Changes the session's options to it.</param>
internal sealed record DeviceSetup(string Name, bool IsHalf, Func<ModelSessionOptions, ModelSessionOptions> Apply)
{
    /// <summary>The ways on a provider; with CUDA, the precisions as they are and what may make each of them faster.</summary>
    public static IReadOnlyList<DeviceSetup> On(ExecutionProvider provider) => provider != ExecutionProvider.Cuda
        ? [Single, Half]
        :
        [
            Single,
            Single.With("graph", Graph),
            Single.With("channels-last", ChannelsLast),
            Tf32,
            Tf32.With("graph", Graph),
            Tf32.With("channels-last graph", options => Graph(ChannelsLast(options))),
            Half,
            Half.With("graph", Graph),
            Half.With("channels-last", ChannelsLast),
            Half.With("channels-last graph", options => Graph(ChannelsLast(options))),
            Half.With("channels-last graph exhaustive", options => Graph(ChannelsLast(options)) with { ExhaustiveSearch = true }),
            Half.With("channels-last graph spinning", options => Graph(ChannelsLast(options)) with { Spinning = true }),
        ];

    private static DeviceSetup Single { get; } = new("fp32", false, options => options);

    private static DeviceSetup Tf32 { get; } = new("tf32", false, options => options with { TensorFloat32 = true });

    private static DeviceSetup Half { get; } = new("fp16", true, options => options);

    private static ModelSessionOptions Graph(ModelSessionOptions options) => options with { CudaGraph = true };

    private static ModelSessionOptions ChannelsLast(ModelSessionOptions options) => options with { ChannelsLast = true };

    private DeviceSetup With(string what, Func<ModelSessionOptions, ModelSessionOptions> apply) =>
        new($"{Name} {what}", IsHalf, options => apply(Apply(options)));
}
