namespace Pipeline.Inference;

/// <summary>The two sizes of the SSD paper's network.</summary>
public enum Vgg16SsdVariant
{
    /// <summary>300×300 input, 8732 default boxes.</summary>
    Ssd300,

    /// <summary>512×512 input, 24564 default boxes.</summary>
    Ssd512,
}

/// <summary>What the networks are called: "ssd300-vgg16" and "ssd512-vgg16".</summary>
public static class Vgg16SsdNetworks
{
    /// <summary>A network's name.</summary>
    public static string NameOf(Vgg16SsdVariant variant) => variant == Vgg16SsdVariant.Ssd300 ? "ssd300-vgg16" : "ssd512-vgg16";

    /// <summary>The network of a name; null where none is called so.</summary>
    public static Vgg16SsdVariant? Find(string name)
    {
        foreach (Vgg16SsdVariant variant in Enum.GetValues<Vgg16SsdVariant>())
        {
            if (NameOf(variant) == name)
            {
                return variant;
            }
        }

        return null;
    }
}

/// <summary>Which of the paper's networks is to be written, and with which weights.</summary>
public sealed record Vgg16SsdOptions
{
    /// <summary>The background and one class.</summary>
    public const int LeastColumns = 2;

    /// <summary>Enough for the largest label sets, and few enough for the heads to fit into memory.</summary>
    public const int MostColumns = 10_000;

    /// <summary>The size.</summary>
    public required Vgg16SsdVariant Variant { get; init; }

    /// <summary>
    /// Name of the model and of its files; absent for ssd300-vgg16 or ssd512-vgg16, with -fp16 in half precision.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Columns of the score head, the background included, <see cref="LeastColumns"/> to <see cref="MostColumns"/>.
    /// Absent for those of the weights file, or else VOC's 21.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int? Columns
    {
        get;
        init => field = value is null or (>= LeastColumns and <= MostColumns)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"A score head has {LeastColumns} to {MostColumns} columns, the background included.");
    }

    /// <summary>
    /// Weights, activations and input in half precision; only the norms of conv4_3 are computed in single precision,
    /// where squares would overflow. The outputs are single precision always.
    /// </summary>
    public bool HalfPrecision { get; init; }

    /// <summary>Seed of the random weights; the same seed gives the same file.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// A safetensors file with trained weights, its tensors called as in ssd.pytorch or in torchvision; absent for
    /// random ones.
    /// </summary>
    public string? WeightsFile { get; init; }
}
