using System.Security.Cryptography;
using Google.Protobuf;
using Pipeline.Inference.Onnx;
using DataType = Pipeline.Inference.Onnx.TensorProto.Types.DataType;

namespace Pipeline.Tests.EndToEnd;

/// <summary>
/// A model whose outputs are its input's 192 pixels, as 48 boxes and again as their scores: what it finds tells every picture from
/// every other, and moving bytes is all that it takes.
/// </summary>
internal static class PixelModel
{
    private const int Side = 8;
    private const int Rows = 3 * Side * Side / 4;

    /// <summary>Writes the model and its manifest.</summary>
    /// <param name="folder">Where to.</param>
    /// <returns>The manifest's path.</returns>
    public static string Write(string folder)
    {
        var graph = new OnnxGraphBuilder("pixels");
        string image = graph.Input("image", DataType.Float, OnnxGraphBuilder.Batch, 3, Side, Side);
        graph.Output(
            graph.Node("Reshape", "boxes", [image, graph.Integers("box_shape", 0, -1, 4)]), DataType.Float, OnnxGraphBuilder.Batch, Rows, 4);
        graph.Output(
            graph.Node("Reshape", "scores", [image, graph.Integers("score_shape", 0, Rows, 4)]), DataType.Float, OnnxGraphBuilder.Batch, Rows, 4);
        byte[] bytes = graph.Build("A model for tests.").ToByteArray();
        File.WriteAllBytes(Path.Combine(folder, "pixels.onnx"), bytes);
        string manifest = Path.Combine(folder, "pixels.json");
        File.WriteAllText(manifest, $$"""
            {
              "description": "Pixels as boxes.", "file": "pixels.onnx", "sha256": "{{Convert.ToHexStringLower(SHA256.HashData(bytes))}}",
              "origin": "a test", "license": "Apache-2.0", "labels": { "0": "a", "1": "b", "2": "c", "3": "d" },
              "input": {
                "name": "image", "width": {{Side}}, "height": {{Side}}, "layout": "nchw", "element": "float32", "colorOrder": "rgb",
                "mean": [0, 0, 0], "scale": [0.00392156862745098, 0.00392156862745098, 0.00392156862745098], "resize": "half-pixel"
              },
              "outputs": [
                { "name": "boxes", "role": "boxes", "shape": [{{Rows}}, 4] },
                { "name": "scores", "role": "scores", "shape": [{{Rows}}, 4] }
              ],
              "decoding": {
                "kind": "decoded-boxes",
                "boxCode": { "code": "decoded", "order": "xy", "variances": [1, 1, 1, 1] },
                "scores": { "function": "identity" },
                "selection": { "scoreThreshold": 0.1, "iouThreshold": 0.9 }
              }
            }
            """);
        return manifest;
    }
}
