using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Pipeline.PostProcess;

namespace Pipeline.Inference;

/// <summary>
/// All that has to be known of a model beside its ONNX file, so that no code guesses: NAME.json beside NAME.onnx.
/// Immutable. docs/models.md explains it field by field.
/// </summary>
public sealed partial record ModelManifest
{
    /// <summary>The model's name: the manifest's file name without its ending.</summary>
    [JsonIgnore]
    public string Name { get; init; } = "";

    /// <summary>The folder that the manifest and the ONNX file are in.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = "";

    /// <summary>What the model is, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>Name of the ONNX file, which lies beside the manifest.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Where the model comes from: package, address, or how it was made.</summary>
    public required string Origin { get; init; }

    /// <summary>Licence of the weights, as an SPDX identifier where there is one.</summary>
    public required string License { get; init; }

    /// <summary>What the model takes, and how a picture becomes it.</summary>
    public required InputSpec Input { get; init; }

    /// <summary>What the model gives: boxes and scores, and for finished detections their classes.</summary>
    public required ImmutableArray<OutputSpec> Outputs { get; init; }

    /// <summary>What the outputs are, and how they become detections.</summary>
    public required OutputDecoding Decoding { get; init; }

    /// <summary>Names of the classes by their ids. Ids may be missing; the background is not listed.</summary>
    public required LabelMap Labels { get; init; }

    /// <summary>Path of the ONNX file.</summary>
    [JsonIgnore]
    public string OnnxPath => Path.Combine(Folder, File);

    /// <summary>The model as a session sees it.</summary>
    [JsonIgnore]
    public ModelSignature Signature => new(Input, Outputs);

    /// <summary>
    /// Reads and checks a manifest. The ONNX file is not looked at; <see cref="CheckFile"/> does that.
    /// </summary>
    /// <param name="path">Path of NAME.json.</param>
    /// <exception cref="ModelException">
    /// It is missing, or a field is; the message names file, field, value and what is allowed.
    /// </exception>
    public static ModelManifest Load(string path)
    {
        if (!System.IO.File.Exists(path))
        {
            throw new ModelException(
                $"{path} does not exist. A model needs a manifest beside its ONNX file: make both with 'models import' or "
                + "'models build', or write one as docs/models.md says.");
        }

        try
        {
            ModelManifest manifest = ManifestReader.Read(System.IO.File.ReadAllText(path)) with
            {
                Name = Path.GetFileNameWithoutExtension(path),
                Folder = Path.GetDirectoryName(Path.GetFullPath(path))!,
            };
            manifest.Validate();
            return manifest;
        }
        catch (ModelException exception)
        {
            throw new ModelException($"{path}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException($"{path} could not be read: {exception.Message}", exception);
        }
    }

    /// <summary>Makes a decoder for this model's outputs. A decoder serves one thread at a time.</summary>
    /// <param name="overrides">What the user wants otherwise than the manifest says.</param>
    /// <exception cref="ModelException">A value of the manifest or of the overrides is out of its range.</exception>
    public IDetectionDecoder CreateDecoder(DecoderOverrides? overrides = null) =>
        Decoding.CreateDecoder(this, overrides ?? new DecoderOverrides());

    /// <summary>The manifest's JSON text, as <see cref="Load"/> reads it.</summary>
    public string ToJson() => ManifestJson.Write(this);

    /// <summary>Writes the manifest to <see cref="Folder"/>, in one step.</summary>
    /// <exception cref="ModelException">It could not be written.</exception>
    internal void Save() =>
        AtomicFile.Write(Path.Combine(Folder, $"{Name}.json"), stream => stream.Write(Encoding.UTF8.GetBytes(ToJson())));

    /// <summary>Checks that the ONNX file is there and is, byte by byte, the one that the manifest describes.</summary>
    /// <exception cref="ModelException">The file is missing, unreadable, or another one.</exception>
    public void CheckFile()
    {
        string hash;
        try
        {
            using FileStream stream = System.IO.File.OpenRead(OnnxPath);
            hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(
                $"{OnnxPath}, which {Name}.json describes, could not be read: {exception.Message} "
                + "Make it again with 'models import' or 'models build'.",
                exception);
        }

        if (hash != Sha256)
        {
            throw new ModelException(
                $"{OnnxPath} is not the file that {Name}.json describes: its sha256 is {hash}, not {Sha256}. "
                + "Make both again, or correct the manifest.");
        }
    }

    /// <summary>The output with a role.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    internal OutputSpec Output(OutputRole role) => Outputs.FirstOrDefault(output => output.Role == role)
        ?? throw new ModelException(
            $"outputs has no output with the role '{ManifestNames.Policy.ConvertName(role.ToString())}'.");
}
