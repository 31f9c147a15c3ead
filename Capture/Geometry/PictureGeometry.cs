using System.Globalization;
using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>
/// What part of a source's pictures is processed, at which size and which way up. First the region is cut out, then what is
/// left is made smaller, then it is turned: each step has less to do than in any other order.
/// </summary>
public sealed record PictureGeometry
{
    /// <summary>The part that is processed, in the picture as the source gives it; null for all of it.</summary>
    public PictureRegion? Region { get; init; }

    /// <summary>The greatest width of the result in pixels, above 0; its shape is kept, and it is never enlarged. Null for no limit.</summary>
    public int? MaximumWidth { get; init; }

    /// <summary>The greatest height of the result in pixels, above 0; as <see cref="MaximumWidth"/>.</summary>
    public int? MaximumHeight { get; init; }

    /// <summary>The clockwise turn in degrees: 0, 90, 180 or 270.</summary>
    public int Rotation { get; init; }

    /// <summary>Whether pictures stay as they are.</summary>
    internal bool IsIdentity => Region is null && MaximumWidth is null && MaximumHeight is null && Rotation == 0;

    /// <summary>Whether width and height change places.</summary>
    internal bool IsOnItsSide => Rotation is 90 or 270;

    /// <summary>The region in pixels of a picture.</summary>
    /// <exception cref="SourceException">It lies outside.</exception>
    internal Rect RegionOf(Size picture) => Region?.In(picture) ?? new Rect(0, 0, picture.Width, picture.Height);

    /// <summary>The size of a region before it is turned, so that the result keeps its limits.</summary>
    internal Size ScaledSizeOf(Size region)
    {
        (int? widest, int? highest) = IsOnItsSide ? (MaximumHeight, MaximumWidth) : (MaximumWidth, MaximumHeight);
        double scale = Math.Min(1, Math.Min(LimitOf(widest, region.Width), LimitOf(highest, region.Height)));
        return new Size(Math.Max((int)Math.Round(region.Width * scale), 1), Math.Max((int)Math.Round(region.Height * scale), 1));

        static double LimitOf(int? limit, int length) => limit is { } most ? (double)most / length : 1;
    }
}

/// <summary>A part of a picture.</summary>
/// <param name="X">Its left edge.</param>
/// <param name="Y">Its upper edge.</param>
/// <param name="Width">Its width; with <paramref name="Height"/> above 0.</param>
/// <param name="Height">Its height.</param>
/// <remarks>
/// Left edge and width are shares of the picture's width where neither is above 1, and otherwise pixels; upper edge and
/// height likewise.
/// </remarks>
public sealed record PictureRegion(double X, double Y, double Width, double Height)
{
    /// <summary>The pixels of a picture that belong to it: those that it touches.</summary>
    /// <exception cref="SourceException">There are none.</exception>
    internal Rect In(Size picture)
    {
        double across = X <= 1 && Width <= 1 ? picture.Width : 1;
        double down = Y <= 1 && Height <= 1 ? picture.Height : 1;
        int left = Math.Max((int)Math.Floor(X * across), 0);
        int top = Math.Max((int)Math.Floor(Y * down), 0);
        int right = (int)Math.Min(Math.Ceiling((X + Width) * across), picture.Width);
        int bottom = (int)Math.Min(Math.Ceiling((Y + Height) * down), picture.Height);
        return left < right && top < bottom
            ? new Rect(left, top, right - left, bottom - top)
            : throw new SourceException($"The region {this} lies outside of the picture, which has {picture.Width}x{picture.Height} pixels.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"x {X}, y {Y}, width {Width}, height {Height}");
}
