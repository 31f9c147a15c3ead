using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Inference;

/// <summary>Runs a model over pictures and watches the tensors inside it.</summary>
internal static class Calibration
{
    /// <summary>Runs every image through the model.</summary>
    /// <param name="model">The model; not changed.</param>
    /// <param name="input">Its input.</param>
    /// <param name="tensors">Names of the tensors to watch: [batch, channels, …].</param>
    /// <param name="images">Images as <see cref="Preprocessor"/> writes them, single precision.</param>
    /// <param name="cancellationToken">Ends the calibration between two images.</param>
    /// <returns>Statistics of each tensor, and the number of images.</returns>
    /// <exception cref="ModelException">There is no image, or the model does not run.</exception>
    public static (Dictionary<string, ActivationStatistics> Statistics, int Images) Run(
        ModelProto model,
        InputSpec input,
        IReadOnlyCollection<string> tensors,
        IEnumerable<ReadOnlyMemory<byte>> images,
        CancellationToken cancellationToken)
    {
        try
        {
            OnnxProviders.UseEnvironment();
            string[] watched = [.. tensors.Where(tensor => tensor != input.Name)];
            using InferenceSession session = new(WithOutputs(model, watched).ToByteArray());
            Dictionary<string, ActivationStatistics> statistics = new(StringComparer.Ordinal);
            int count = 0;
            foreach (ReadOnlyMemory<byte> image in images)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RunOne(session, input, watched, image.Span, statistics);
                count++;
            }

            return count > 0
                ? (statistics, count)
                : throw new ModelException("There is no picture to calibrate with; give a source that has some.");
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelException($"The model does not run: {NativeMessage.OneLine(exception.Message)}", exception);
        }
    }

    private static void RunOne(
        InferenceSession session,
        InputSpec input,
        string[] watched,
        ReadOnlySpan<byte> image,
        Dictionary<string, ActivationStatistics> statistics)
    {
        float[] values = MemoryMarshal.Cast<byte, float>(image).ToArray();
        using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(values, input.Shape(1));
        using RunOptions options = new();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, [input.Name], [tensor], watched);
        Of(input.Name, (int)input.Shape(1)[1]).Add(values);
        for (int i = 0; i < watched.Length; i++)
        {
            Of(watched[i], (int)outputs[i].GetTensorTypeAndShape().Shape[1]).Add(outputs[i].GetTensorDataAsSpan<float>());
        }

        ActivationStatistics Of(string name, int channels) =>
            statistics.GetValueOrDefault(name) ?? (statistics[name] = new ActivationStatistics(channels));
    }

    private static ModelProto WithOutputs(ModelProto model, IEnumerable<string> tensors)
    {
        ModelProto exposed = model.Clone();
        HashSet<string> known = [.. exposed.Graph.Output.Select(output => output.Name)];
        foreach (string tensor in tensors.Where(known.Add))
        {
            exposed.Graph.Output.Add(new ValueInfoProto
            {
                Name = tensor,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } },
            });
        }

        return exposed;
    }
}
