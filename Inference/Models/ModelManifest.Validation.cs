namespace Pipeline.Inference;

/// <content>What a manifest must say to be usable. What one field alone can tell is checked where its type is
/// made.</content>
public sealed partial record ModelManifest
{
    private void Validate()
    {
        Require(
            Path.GetFileName(File) == File && File.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase),
            "file",
            File,
            "the name of an .onnx file beside the manifest");
        Require(
            Sha256.Length == 64 && Sha256.All(char.IsAsciiHexDigitLower),
            "sha256",
            Sha256,
            "64 lower-case hexadecimal digits, as sha256sum prints them");
        ChannelValues scale = Input.Scale;
        Require(
            Input.Element != TensorElement.UInt8 || (Input.Mean == default && scale == new ChannelValues(1, 1, 1)),
            "input.element",
            "uint8",
            "float32 or float16 where mean is not 0 or scale is not 1: bytes are passed on as they are");
        Require(
            scale is { First: not 0, Second: not 0, Third: not 0 },
            "input.scale",
            $"[{scale.First}, {scale.Second}, {scale.Third}]",
            "no value of 0");
        ValidateOutputs();
        // The decoder checks what is left: box code, scores, selection, and how they fit the outputs.
        CreateDecoder();
    }

    private void ValidateOutputs()
    {
        try
        {
            _ = Signature;
        }
        catch (ArgumentException exception)
        {
            throw ManifestReader.Fault("outputs", exception);
        }

        OutputSpec boxes = Output(OutputRole.Boxes);
        Require(boxes.Shape is [_, 4], $"outputs ({boxes.Name}).shape", Sides(boxes), "[boxes, 4]");
        if (Decoding is FinishedDetections)
        {
            ValidateFinished(boxes.Shape[0]);
            return;
        }

        OutputSpec scores = Output(OutputRole.Scores);
        Require(Outputs.Length == 2, "outputs", Roles, "boxes and scores, where detections are not finished");
        Require(scores.Shape is [_, _] && scores.Shape[0] == boxes.Shape[0],
            $"outputs ({scores.Name}).shape", Sides(scores), $"[{boxes.Shape[0]}, columns], a row for each box");
    }

    private void ValidateFinished(int rows)
    {
        Output(OutputRole.Scores);
        Require(Outputs.Count(output => output.Role is OutputRole.Classes or OutputRole.Labels) == 1,
            "outputs", Roles, "boxes, scores, one of classes and labels, and at most count");
        foreach (OutputSpec output in Outputs.Where(output => output.Role != OutputRole.Boxes))
        {
            bool fits = output.Role == OutputRole.Count
                ? output.Shape.Length == 0
                : output.Shape.Length == 1 && output.Shape[0] == rows;
            string allowed = output.Role == OutputRole.Count ? "[]" : $"[{rows}]";
            Require(fits, $"outputs ({output.Name}).shape", Sides(output), allowed);
        }
    }

    private string Roles =>
        string.Join(", ", Outputs.Select(output => ManifestNames.Policy.ConvertName(output.Role.ToString())));

    private static string Sides(OutputSpec output) => $"[{string.Join(", ", output.Shape)}]";

    private static void Require(bool condition, string field, string value, string allowed)
    {
        if (!condition)
        {
            throw new ModelException($"{field} is {value}; allowed: {allowed}.");
        }
    }
}
