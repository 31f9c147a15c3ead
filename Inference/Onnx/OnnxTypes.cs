using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference.Onnx;

/// <summary>Facts on ONNX's element types.</summary>
internal static class OnnxTypes
{
    /// <summary>Whether elements of a type have a fixed size, and this program uses them.</summary>
    public static bool IsKnown(DataType type) => Find(type) > 0;

    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not known.</exception>
    public static int Size(DataType type) => IsKnown(type)
        ? Find(type)
        : throw new ArgumentOutOfRangeException(nameof(type), type, "No size is known for elements of this type.");

    private static int Find(DataType type) => type switch
    {
        DataType.Uint8 or DataType.Int8 or DataType.Bool => 1,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 => 2,
        DataType.Float or DataType.Int32 => 4,
        DataType.Int64 or DataType.Double => 8,
        _ => 0,
    };
}
