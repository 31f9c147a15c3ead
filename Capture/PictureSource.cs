using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>A picture, the pictures of a folder, or those of a glob, in the order of their names. A broken one is passed over.</summary>
internal sealed class PictureSource : IFrameSource
{
    /// <summary>Pictures have no times of their own: as a film they pass one a second.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<string> _files;
    private readonly bool _loop;
    private readonly Action<string> _onSkipped;
    private Mat _picture = new();
    private int _next;
    private long _number = -1;
    private bool _anyInThisRound;

    private PictureSource(IReadOnlyList<string> files, bool loop, Action<string> onSkipped)
    {
        _files = files;
        _loop = loop;
        _onSkipped = onSkipped;
    }

    /// <inheritdoc/>
    public long? FrameCount => _loop ? null : _files.Count;

    /// <inheritdoc/>
    public string? Format => null;

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => Interval * _number;

    /// <inheritdoc/>
    public int Discontinuities => 0;

    /// <inheritdoc/>
    public string? EndRemark => null;

    /// <summary>Finds the pictures.</summary>
    /// <param name="address">Of kind Pictures.</param>
    /// <param name="loop">Whether to start anew after the last one.</param>
    /// <param name="onSkipped">Told the path of each picture that can't be read.</param>
    /// <exception cref="SourceException">There is none.</exception>
    public static PictureSource Open(SourceAddress address, bool loop, Action<string> onSkipped)
    {
        string target = address.Target;
        if (Directory.Exists(target))
        {
            List<string> files = PicturesIn(target, "*");
            return files.Count > 0
                ? new PictureSource(files, loop, onSkipped)
                : throw new SourceException($"The folder '{target}' holds no pictures (jpg, png, bmp, webp, tif, ppm).");
        }

        if (File.Exists(target))
        {
            return new PictureSource([target], loop, onSkipped);
        }

        if (!target.AsSpan().ContainsAny('*', '?'))
        {
            throw new SourceException($"There is no {(Path.EndsInDirectorySeparator(target) ? "folder" : "picture")} '{target}'.");
        }

        List<string> matches = Glob(target);
        return matches.Count > 0
            ? new PictureSource(matches, loop, onSkipped)
            : throw new SourceException($"No picture matches '{target}'.");
    }

    /// <inheritdoc/>
    public bool Grab(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (_next == _files.Count)
            {
                // A round in which nothing could be read would be followed by another just like it.
                if (!_loop || !_anyInThisRound)
                {
                    return false;
                }

                _next = 0;
                _anyInThisRound = false;
            }

            string file = _files[_next++];
            if (TryRead(file))
            {
                _anyInThisRound = true;
                _number++;
                return true;
            }

            _onSkipped(file);
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Retrieve(Frame frame)
    {
        _picture.CopyTo(frame.Reserve(_picture.Cols, _picture.Rows));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _picture.Dispose();

    /// <summary>Reads a picture. OpenCV gives an empty one where it can't, and refuses some, of too many pixels for one.</summary>
    private bool TryRead(string file)
    {
        _picture.Dispose();
        try
        {
            _picture = Cv2.ImRead(file);
            return !_picture.Empty();
        }
        catch (OpenCVException)
        {
            return false;
        }
    }

    private static List<string> Glob(string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } parent ? parent : ".";
        if (folder.AsSpan().ContainsAny('*', '?'))
        {
            throw new SourceException($"'{pattern}' has a wildcard in its folder: only the file name may have them.");
        }

        return Directory.Exists(folder) ? PicturesIn(folder, Path.GetFileName(pattern)) : [];
    }

    private static List<string> PicturesIn(string folder, string pattern)
    {
        List<string> files = [.. Directory.EnumerateFiles(folder, pattern).Where(SourceAddress.IsPicture)];
        files.Sort(StringComparer.Ordinal);
        return files;
    }
}
