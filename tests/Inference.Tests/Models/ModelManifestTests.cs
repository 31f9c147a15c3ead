using System.Text.Json.Nodes;
using Pipeline.PostProcess;
using Pipeline.Testing;

namespace Pipeline.Inference.Tests.Models;

public sealed class ModelManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_WhatWasWritten_IsTheSame()
    {
        ModelManifest written = Default();
        ModelManifest read = Load(written.ToJson());
        Assert.Equal(written.ToJson(), read.ToJson());
        Assert.Equal(written.Input, read.Input);
        Assert.Equal(("model", _folder.Path, _folder["model.onnx"]), (read.Name, read.Folder, read.OnnxPath));
        Assert.Equal((90, 100), (read.Labels.Ids[^1], read.CreateDecoder().MaxDetections));
    }

    [Fact]
    public void ToJson_ListsInATextOfTheManifest_StayAsTheyAre()
    {
        const string Text = "Liu et al. [1,2], classes [0 1 2]";
        ModelManifest written = Default() with { Description = Text, Labels = LabelMap.FromList(1, ["[ 7 ]"]) };
        ModelManifest read = Load(written.ToJson());
        Assert.Equal((Text, "[ 7 ]"), (read.Description, read.Labels[1]));
        Assert.Contains("[1917, 4]", written.ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(DefaultBoxes))]
    public void Load_EveryGenerator_MakesTheFrameworksBoxes(string json, int side, int count, float firstX)
    {
        ModelManifest manifest = Load(Edit(root =>
        {
            root["decoding"]!["defaultBoxes"] = JsonNode.Parse(json);
            (root["input"]!["width"], root["input"]!["height"]) = (side, side);
            (root["outputs"]![0]!["shape"]![0], root["outputs"]![1]!["shape"]![0]) = (count, count);
        }));
        DefaultBoxesSpec spec = ((RawHeads)manifest.Decoding).DefaultBoxes;
        PostProcess.DefaultBoxes boxes = spec.Create(manifest.Input, _folder.Path);
        Assert.Equal((count, firstX), (boxes.Count, boxes[0].CentreX));
        Assert.Equal(manifest.ToJson(), Load(manifest.ToJson()).ToJson());
    }

    public static TheoryData<string, int, int, float> DefaultBoxes => new()
    {
        {
            """
            { "generator": "caffe", "steps": [8, 16, 32, 64, 100, 300], "minSizes": [30, 60, 111, 162, 213, 264], "maxSizes": [60, 111, 162, 213, 264, 315],
              "aspectRatios": [[2], [2, 3], [2, 3], [2, 3], [2], [2]], "truncateSizes": true }
            """, 300, 8732, 4f / 300
        },
        {
            """
            { "generator": "torchvision", "steps": [8, 16, 32, 64, 100, 300], "scales": [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
              "aspectRatios": [[2], [2, 3], [2, 3], [2, 3], [2], [2]] }
            """, 300, 8732, 4f / 300
        },
        {
            """
            { "strides": [16, 32, 64, 128, 256, 512], "minScale": 0.2, "maxScale": 0.95, "aspectRatios": [1, 2, 0.5, 3, 0.3333],
              "reduceBoxesInLowestLayer": true, "generator": "tensorflow" }
            """, 300, 1917, 0.5f / 19
        },
        { """{ "generator": "paper", "strides": [8, 16], "minScale": 0.2, "maxScale": 0.9, "aspectRatios": [[2], [2, 3]] }""", 32, 88, 0.125f },
        {
            """
            { "generator": "layers", "sizeUnit": "pixels", "offset": 0, "clip": "corners", "order": "box-by-box",
              "layers": [{ "columns": 2, "rows": 3, "stepX": 16, "boxes": [{ "size": 8, "aspectRatio": 1 }, { "size": 8, "aspectRatio": 2 }] }] }
            """, 32, 12, 2f / 32
        },
    };

    [Fact]
    public void Load_BoxesFromAFile_ReadsItBesideTheManifest()
    {
        File.WriteAllBytes(_folder["boxes.f32"], new byte[1917 * 16].Select((_, i) => (byte)(i % 4 == 3 ? 63 : 0)).ToArray());
        const string Json = """{ "generator": "file", "file": "boxes.f32", "form": "centre-size", "coordinates": "yx" }""";
        Assert.Equal(100, Load(Edit("decoding.defaultBoxes", Json)).CreateDecoder().MaxDetections);

        File.Delete(_folder["boxes.f32"]);
        AssertRefused(Edit("decoding.defaultBoxes", Json), "decoding.defaultBoxes.file could not be read");
        AssertRefused(
            Edit("decoding.defaultBoxes", """{ "generator": "file", "file": "../boxes.f32", "form": "centre-size", "coordinates": "yx" }"""),
            "decoding.defaultBoxes.file is '../boxes.f32'; the name of a file beside the manifest is needed.");
    }

    [Fact]
    public void Load_DecodedBoxes_MakesADecoderWithoutDefaultBoxes()
    {
        ModelManifest manifest = Load(Edit(root =>
        {
            JsonNode decoding = root["decoding"]!;
            decoding["kind"] = "decoded-boxes";
            decoding.AsObject().Remove("defaultBoxes");
            decoding["boxCode"] = JsonNode.Parse("""{ "code": "decoded", "order": "xy", "variances": [1, 1, 1, 1] }""");
        }));
        float[] boxes = new float[1917 * 4], scores = new float[1917 * 91];
        Array.Fill(scores, -9f);
        (boxes[4], boxes[5], boxes[6], boxes[7], scores[91 + 3]) = (0.1f, 0.2f, 0.3f, 0.4f, 9);
        IDetectionDecoder decoder = manifest.CreateDecoder();
        Detection[] found = new Detection[decoder.MaxDetections];
        Assert.Equal(1, decoder.Decode(new HeadOutputs(boxes, scores), found).Count);
        Assert.Equal((3, new Box(0.1f, 0.2f, 0.3f, 0.4f)), (found[0].ClassId, found[0].Box));
    }

    [Fact]
    public void Load_DecodedBoxesWithACodeRelativeToDefaultBoxes_NamesTheCode() => AssertRefused(
        Edit(root =>
        {
            root["decoding"]!["kind"] = "decoded-boxes";
            root["decoding"]!.AsObject().Remove("defaultBoxes");
        }),
        "decoding.boxCode.code: CentreSize is relative to default boxes, and there are none.");

    [Fact]
    public void Load_FinishedDetections_MakesADecoderThatFilters()
    {
        ModelManifest manifest = Load(Finished());
        IDetectionDecoder decoder = manifest.CreateDecoder(new DecoderOverrides(ScoreThreshold: 0.6f));
        Detection[] found = new Detection[decoder.MaxDetections];
        float[] boxes = [0.1f, 0.2f, 0.3f, 0.4f, 0, 0, 1, 1];
        HeadOutputs outputs = new([.. boxes, .. new float[98 * 4]], [0.7f, 0.5f, .. new float[98]], [1, 2, .. new float[98]], 2);
        Assert.Equal(1, decoder.Decode(outputs, found).Count);
        Assert.Equal(new Detection(1, 0.7f, new Box(0.2f, 0.1f, 0.4f, 0.3f), -1), found[0]);
        AssertFault("suppresses overlaps by itself", () => manifest.CreateDecoder(new DecoderOverrides(IouThreshold: 0.4f)));
    }

    [Fact]
    public void Load_CommentsAndTrailingCommas_AreTolerated()
    {
        string json = Default().ToJson().Replace("\"license\"", "/* whose */ \"license\"", StringComparison.Ordinal);
        int last = json.LastIndexOf('}');
        Assert.Equal("Apache-2.0", Load($"// by hand\n{json[..last].TrimEnd()}, }}").License);
    }

    [Fact]
    public void Load_OptionalFieldsLeftOut_TakeTheirDefaults()
    {
        ModelManifest manifest = Load(Edit(root =>
        {
            root["input"]!.AsObject().Remove("fit");
            root["input"]!.AsObject().Remove("fill");
            root["decoding"]!["scores"] = JsonNode.Parse("""{ "function": "sigmoid" }""");
            root["decoding"]!["selection"] = JsonNode.Parse("""{ "scoreThreshold": 0.3, "iouThreshold": 0.5 }""");
        }));
        RawHeads decoding = (RawHeads)manifest.Decoding;
        Assert.Equal((FitRule.Stretch, 1f, 1f), (manifest.Input.Fit, decoding.Scores.LogitScale, decoding.Selection.AdaptiveEta));
        Assert.Equal((null, null, null), (decoding.Scores.BackgroundColumn, decoding.Selection.TopKPerClass, decoding.Selection.KeepOverall));
    }

    [Theory]
    [InlineData("description", null, "description is missing. A text is needed.")]
    [InlineData("file", "\"folder/model.onnx\"", "file is folder/model.onnx; allowed: the name of an .onnx file beside the manifest.")]
    [InlineData("file", "\"model.pt\"", "file is model.pt; allowed")]
    [InlineData("sha256", "\"abc\"", "sha256 is abc; allowed: 64 lower-case hexadecimal digits")]
    [InlineData("licence", "\"MIT\"", "licence is not a known field. Did you mean 'license'?")]
    [InlineData("license", "7", "license is 7. A text is needed.")]
    [InlineData("input", "[]", "input is []; an object { … } is needed.")]
    [InlineData("input.widht", "300", "input.widht is not a known field. Did you mean 'width'?")]
    [InlineData("input.width", null, "input.width is missing. A whole number is needed.")]
    [InlineData("input.width", "\"wide\"", "input.width is \"wide\". A whole number is needed.")]
    [InlineData("input.width", "1.5", "input.width is 1.5. A whole number is needed.")]
    [InlineData("input.width", "0", "input.width is 0: A side of the input is 1 to 8192 pixels.")]
    [InlineData("input.name", "\" \"", "input.name is \" \". A text is needed.")]
    [InlineData("input.layout", "\"hwc\"", "input.layout is \"hwc\". Allowed: nchw, nhwc.")]
    [InlineData("input.element", "\"int8\"", "input.element is \"int8\". Allowed: float32, float16, uint8.")]
    [InlineData("input.element", "\"uint8\"", "input.element is uint8; allowed: float32 or float16 where mean is not 0")]
    [InlineData("input.colorOrder", "\"RGB\"", "input.colorOrder is \"RGB\". Allowed: rgb, bgr.")]
    [InlineData("input.mean", null, "input.mean is missing.")]
    [InlineData("input.mean", "[1, 2]", "input.mean: 3 numbers are needed.")]
    [InlineData("input.mean", "7", "input.mean: An array of 3 numbers is needed.")]
    [InlineData("input.mean", "[1, 2, 3, 4]", "input.mean: 3 numbers are needed, and no more.")]
    [InlineData("input.scale", "[1, 0, 1]", "input.scale is [1, 0, 1]; allowed: no value of 0.")]
    [InlineData("input.resize", "\"bicubic\"", "input.resize is \"bicubic\". Allowed: tf-legacy, half-pixel, opencv-linear.")]
    [InlineData("input.fit", "\"crop\"", "input.fit is \"crop\". Allowed: stretch, letterbox.")]
    [InlineData("outputs", "{}", "outputs is {}; an array [ … ] is needed.")]
    [InlineData("outputs[0].role", "\"box\"", "outputs[0].role is \"box\". Allowed: boxes, scores, classes, labels, count.")]
    [InlineData("outputs[0].role", "\"scores\"", "outputs: There are 0 outputs for 'Boxes'")]
    [InlineData("outputs[0].shape", "[1917, 5]", "outputs (box_encodings).shape is [1917, 5]; allowed: [boxes, 4].")]
    [InlineData("outputs[0].shape", "[0, 4]", "outputs[0].shape: ")]
    [InlineData("outputs[1].shape", "[1916, 91]", "outputs (class_logits).shape is [1916, 91]; allowed: [1917, columns]")]
    [InlineData("decoding.kind", "\"heads\"", "decoding.kind is \"heads\"; allowed: raw-heads, decoded-boxes, finished-detections.")]
    [InlineData("decoding.kind", null, "decoding.kind is missing; allowed: raw-heads")]
    [InlineData("decoding.defaultBoxes.generator", "\"yolo\"", "decoding.defaultBoxes.generator is \"yolo\"; allowed: caffe, torchvision, tensorflow, paper, layers, file.")]
    [InlineData("decoding.defaultBoxes.strides", "[16, 32]", "decoding.defaultBoxes makes 1683 boxes, but the output box_encodings has 1917 rows.")]
    [InlineData("decoding.defaultBoxes.strides[2]", "\"wide\"", "decoding.defaultBoxes.strides[2] is \"wide\". A number is needed.")]
    [InlineData("decoding.defaultBoxes.strides[0]", "0.001", "decoding.defaultBoxes would make")]
    [InlineData("decoding.defaultBoxes.strides", "[0, 0, 0]", "decoding.defaultBoxes would make")]
    [InlineData("decoding.defaultBoxes", """{ "generator": "caffe", "steps": [0], "minSizes": [30], "maxSizes": [60], "aspectRatios": [[2]], "truncateSizes": true }""", "decoding.defaultBoxes would make")]
    [InlineData("decoding.defaultBoxes.offset", "2", "decoding.defaultBoxes.offset: ")]
    [InlineData("decoding.boxCode.code", "\"centre\"", "decoding.boxCode.code is \"centre\". Allowed: centre-size, corner, corner-size, decoded.")]
    [InlineData("decoding.boxCode.variances", "[0.1, 0.1, 0.2, 0]", "decoding.boxCode.variances: ")]
    [InlineData("decoding.scores.function", null, "decoding.scores.function is missing. Allowed: softmax, sigmoid, identity.")]
    [InlineData("decoding.scores.backgroundColumn", "91", "decoding.scores.backgroundColumn: ")]
    [InlineData("decoding.selection.scoreThreshold", "1.5", "decoding.selection.scoreThreshold: ")]
    [InlineData("decoding.selection.iouThreshold", null, "decoding.selection.iouThreshold is missing. A number is needed.")]
    [InlineData("decoding.selection.topKPerClass", "0", "decoding.selection.topKPerClass: ")]
    [InlineData("decoding.selection.classAgnostic", "1", "decoding.selection.classAgnostic is 1. true or false is needed.")]
    [InlineData("decoding.selection.inclusivePixels", "{ \"width\": 300 }", "decoding.selection.inclusivePixels.height is missing.")]
    [InlineData("labels", "[]", "labels: An object with a name for each class id is needed.")]
    [InlineData("labels", "{}", "labels: there must be at least one class.")]
    [InlineData("labels", "{ \"one\": \"person\" }", "labels: 'one' is no class id")]
    [InlineData("labels", "{ \"1\": 7 }", "labels: Class 1 needs a name.")]
    public void Load_FieldWrong_NamesFileFieldAndWhatIsAllowed(string field, string? value, string message) =>
        AssertRefused(Edit(field, value), message);

    [Fact]
    public void Load_FieldTwice_IsRefused() => AssertRefused(
        Default().ToJson().Replace("\"license\"", "\"origin\": \"elsewhere\",\n  \"license\"", StringComparison.Ordinal), "it is not valid JSON");

    [Fact]
    public void Load_NotJson_SaysWhere() => AssertRefused("{ \"file\": ", "it is not valid JSON");

    [Theory]
    [InlineData(2, "outputs is boxes, scores, count; allowed: boxes, scores, one of classes and labels, and at most count.")]
    [InlineData(1, "outputs: There are 0 outputs for 'Scores'")]
    public void Load_FinishedDetectionsWithoutAnOutput_NamesTheRoles(int left, string message)
    {
        JsonNode root = JsonNode.Parse(Finished())!;
        root["outputs"]!.AsArray().RemoveAt(left);
        AssertRefused(root.ToJsonString(), message);
    }

    [Fact]
    public void Load_FinishedDetectionsOfDifferentLengths_NamesTheShape()
    {
        JsonNode root = JsonNode.Parse(Finished())!;
        root["outputs"]![2]!["shape"] = new JsonArray(99);
        AssertRefused(root.ToJsonString(), "outputs (classes).shape is [99]; allowed: [100].");
    }

    [Fact]
    public void Load_EveryExampleOfTheDocumentation_MakesADecoder()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md"));
        string[] examples = [.. page.Split("```jsonc").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.Equal(2, examples.Length);
        foreach (string example in examples)
        {
            ModelManifest manifest = Load($$"""
                {
                  "$schema": "../docs/model-manifest.schema.json",
                  "description": "an example", "file": "model.onnx", "sha256": "{{new string('0', 64)}}",
                  "origin": "docs/models.md", "license": "MIT", "labels": { "1": "person" },
                  {{example}}
                }
                """);
            Assert.InRange(manifest.CreateDecoder().MaxDetections, 100, 200);
        }
    }

    [Fact]
    public void Load_NoManifest_SaysHowToMakeOne() => AssertFault(
        "does not exist. A model needs a manifest beside its ONNX file: make both with 'models import' or 'models build'",
        () => ModelManifest.Load(_folder["nothing.json"]));

    [Fact]
    public void CreateDecoder_OverridesOutOfRange_NamesTheOption()
    {
        ModelManifest manifest = Default();
        AssertFault("decoding.selection.scoreThreshold", () => manifest.CreateDecoder(new DecoderOverrides(ScoreThreshold: 2)));
        AssertFault("decoding.selection.classes", () => manifest.CreateDecoder(new DecoderOverrides(Classes: [91])));
    }

    [Fact]
    public void CheckFile_AnotherFile_NamesBothHashes()
    {
        ModelManifest manifest = Load(Default().ToJson());
        AssertFault("could not be read", manifest.CheckFile);
        File.WriteAllText(manifest.OnnxPath, "something else");
        AssertFault("is not the file that model.json describes: its sha256 is ", manifest.CheckFile);
    }

    internal static ModelManifest Default() =>
        SsdliteMobileNetV2.Manifest("/nowhere", new string('0', 64), "a test", "Apache-2.0") with { File = "model.onnx" };

    private static string Finished() => Edit(root =>
    {
        root["decoding"] = JsonNode.Parse("""{ "kind": "finished-detections", "order": "yx", "scoreThreshold": 0.3 }""");
        root["outputs"] = JsonNode.Parse("""
            [{ "name": "boxes", "role": "boxes", "shape": [100, 4] }, { "name": "scores", "role": "scores", "shape": [100] },
             { "name": "classes", "role": "classes", "shape": [100] }, { "name": "detections", "role": "count", "shape": [] }]
            """);
    });

    private static string Edit(Action<JsonNode> edit)
    {
        JsonNode root = JsonNode.Parse(Default().ToJson())!;
        edit(root);
        return root.ToJsonString();
    }

    /// <summary>The default manifest with one field set to a JSON text, or taken out.</summary>
    private static string Edit(string field, string? value) => Edit(root =>
    {
        string[] steps = field.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        JsonNode parent = root;
        foreach (string step in steps[..^1])
        {
            parent = step[0] == '[' ? parent[int.Parse(step.Trim('[', ']'))]! : parent[step]!;
        }

        if (steps[^1][0] == '[')
        {
            parent[int.Parse(steps[^1].Trim('[', ']'))] = JsonNode.Parse(value!);
        }
        else if (value is null)
        {
            parent.AsObject().Remove(steps[^1]);
        }
        else
        {
            parent[steps[^1]] = JsonNode.Parse(value);
        }
    });

    private ModelManifest Load(string json)
    {
        File.WriteAllText(_folder["model.json"], json);
        return ModelManifest.Load(_folder["model.json"]);
    }

    private void AssertRefused(string json, string message) => AssertFault($"{_folder["model.json"]}: {message}", () => Load(json));

    private static void AssertFault(string message, Action action)
    {
        ModelException exception = Assert.Throws<ModelException>(action);
        Assert.True(exception.Message.Contains(message, StringComparison.Ordinal), $"Expected: {message}\nActual: {exception.Message}");
        Assert.DoesNotContain('\n', exception.Message);
    }
}
