using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>
/// A source whose pictures are brought into the shape that is processed: decoded into a frame of its own, and from there
/// written into the pipeline's frame. It allocates only where the size of the pictures changes.
/// </summary>
/// <remarks>A source that stays as it is does without: it decodes straight into the pipeline's frame.</remarks>
internal sealed class ShapedSource : IFrameSource
{
    /// <summary>From this factor on, linear interpolation would miss pixels between those it looks at.</summary>
    private const int LinearLimit = 2;

    private readonly IFrameSource _source;
    private readonly PictureGeometry _geometry;
    private readonly FramePool _pool = new(1, trackHolders: false);
    private readonly Frame _decoded;
    private readonly Mat _scaled = new();

    /// <summary>The picture that <see cref="_region"/> is a part of.</summary>
    private Mat? _picture;
    private Mat? _region;
    private Size _size;

    /// <summary>Shapes the pictures of a source, which from now on is its own.</summary>
    public ShapedSource(IFrameSource source, PictureGeometry geometry)
    {
        _source = source;
        _geometry = geometry;
        _decoded = _pool.Rent("geometry", CancellationToken.None);
    }

    /// <inheritdoc/>
    public long? FrameCount => _source.FrameCount;

    /// <inheritdoc/>
    public string? Format => _source.Format;

    /// <inheritdoc/>
    public TimeSpan? PresentationTime => _source.PresentationTime;

    /// <inheritdoc/>
    public int Discontinuities => _source.Discontinuities;

    /// <inheritdoc/>
    public string? EndRemark => _source.EndRemark;

    /// <inheritdoc/>
    public bool Grab(CancellationToken cancellationToken) => _source.Grab(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="SourceException">The region lies outside of the picture.</exception>
    public bool Retrieve(Frame frame)
    {
        if (!_source.Retrieve(_decoded))
        {
            return false;
        }

        LookAt(_decoded.Image);
        bool turns = _geometry.Rotation != 0;
        Mat target = turns && _geometry.IsOnItsSide ? frame.Reserve(_size.Height, _size.Width) : frame.Reserve(_size.Width, _size.Height);
        bool scales = _size != _region!.Size();
        if (scales)
        {
            Scale(_region, turns ? _scaled : target);
        }
        else if (!turns)
        {
            _region.CopyTo(target);
        }

        if (turns)
        {
            Cv2.Rotate(scales ? _scaled : _region, target, TurnOf(_geometry.Rotation));
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _region?.Dispose();
        _scaled.Dispose();
        _decoded.Dispose();
        _pool.Dispose();
    }

    /// <summary>Finds the region of a picture. A frame keeps its picture, as an object, for as long as the size is the same.</summary>
    private void LookAt(Mat picture)
    {
        if (ReferenceEquals(picture, _picture))
        {
            return;
        }

        Rect region = _geometry.RegionOf(picture.Size());
        _region?.Dispose();
        _region = picture.SubMat(region);
        _size = _geometry.ScaledSizeOf(region.Size);
        _picture = picture;
    }

    private void Scale(Mat from, Mat to)
    {
        bool isFar = from.Cols >= LinearLimit * _size.Width || from.Rows >= LinearLimit * _size.Height;
        Cv2.Resize(from, to, _size, interpolation: isFar ? InterpolationFlags.Area : InterpolationFlags.Linear);
    }

    private static RotateFlags TurnOf(int degrees) => degrees switch
    {
        90 => RotateFlags.Rotate90Clockwise,
        180 => RotateFlags.Rotate180,
        _ => RotateFlags.Rotate90Counterclockwise,
    };
}
