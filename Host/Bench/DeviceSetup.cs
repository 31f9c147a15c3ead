using Pipeline.Inference;

namespace Pipeline.Host.Bench;

/// <summary>A way of running a model on a device.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="IsHalf">Whether the model in half precision is run.</param>
/// <param name="Bounds">How near its results must come to the CPU's.</param>
/// <param name="Apply">Changes the session's options to it.</param>
internal sealed record DeviceSetup(string Name, bool IsHalf, ParityBounds Bounds, Func<ModelSessionOptions, ModelSessionOptions> Apply)
{
    /// <summary>
    /// The ways on a provider; with CUDA, the precisions as they are and what may make each of them faster. The most wanted
    /// come first, so that a measurement that is cut off loses the least.
    /// </summary>
    public static IReadOnlyList<DeviceSetup> On(ExecutionProvider provider) => provider != ExecutionProvider.Cuda
        ? [Single, Half]
        :
        [
            Half.With("channels-last graph", options => Graph(ChannelsLast(options))),
            Half.With("channels-last fused-bias graph", options => Graph(ChannelsLast(options)) with { FusedBias = true }),
            Half.With("graph", Graph),
            Half.With("channels-last", ChannelsLast),
            Half,
            Half.With("channels-last graph exhaustive", options => Graph(ChannelsLast(options)) with { ExhaustiveSearch = true }),
            Single,
            Tf32.With("channels-last graph", options => Graph(ChannelsLast(options))),
            Tf32.With("channels-last fused-bias graph", options => Graph(ChannelsLast(options)) with { FusedBias = true }),
            Tf32,
            Half.With("channels-last graph spinning", options => Graph(ChannelsLast(options)) with { Spinning = true }),
            Tf32.With("graph", Graph),
            Single.With("graph", Graph),
            Single.With("channels-last", ChannelsLast),
        ];

    /// <summary>Some of the ways on a provider, by their names.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="names">Names with commas between them, in the order wanted; null for all.</param>
    /// <exception cref="UsageException">One of them is no way on this provider.</exception>
    public static IReadOnlyList<DeviceSetup> Named(ExecutionProvider provider, string? names)
    {
        IReadOnlyList<DeviceSetup> all = On(provider);
        return names is null ? all : [.. names.Split(',', StringSplitOptions.TrimEntries).Select(Find)];

        DeviceSetup Find(string name) => all.FirstOrDefault(setup => setup.Name == name) ?? throw new UsageException(
            $"--setups has '{name}', which {provider.ToString().ToLowerInvariant()} does not have: "
            + $"{string.Join(", ", all.Select(setup => setup.Name))}.");
    }

    private static DeviceSetup Single { get; } = new("fp32", false, ParityBounds.Single, options => options);

    private static DeviceSetup Tf32 { get; } = new("tf32", false, ParityBounds.TensorFloat32, options => options with { TensorFloat32 = true });

    private static DeviceSetup Half { get; } = new("fp16", true, ParityBounds.Half, options => options);

    private static ModelSessionOptions Graph(ModelSessionOptions options) => options with { CudaGraph = true };

    private static ModelSessionOptions ChannelsLast(ModelSessionOptions options) => options with { ChannelsLast = true };

    private DeviceSetup With(string what, Func<ModelSessionOptions, ModelSessionOptions> apply) =>
        new($"{Name} {what}", IsHalf, Bounds, options => apply(Apply(options)));
}
