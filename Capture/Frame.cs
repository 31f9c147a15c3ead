using System.Diagnostics;
using System.Runtime.InteropServices;
using OpenCvSharp;

namespace Pipeline.Capture;

/// <summary>
/// One picture of a source, in pixels leased from a <see cref="FramePool"/>.
/// </summary>
/// <remarks>
/// A frame comes out of the pool with one lease. Whoever passes it on passes the lease on; whoever wants to keep it
/// besides adds a lease with <see cref="AddLease"/>. Every lease is given back exactly once with <see cref="Dispose"/>,
/// and the last one returns the frame to the pool, after which it may be another picture at any moment.
/// Only the sole holder may write the pixels (the source that fills them, then the renderer that draws on them).
/// </remarks>
public sealed unsafe class Frame : IDisposable
{
    private const int Alignment = 64;

    private readonly FramePool _pool;
    private readonly HolderList? _holders;
    private byte* _pixels;
    private nuint _capacity;
    private Mat? _image;
    private int _leases;

    internal Frame(FramePool pool, bool trackHolders)
    {
        _pool = pool;
        _holders = trackHolders ? new HolderList() : null;
    }

    /// <summary>The name of the source it came from.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Its place in the source, counted from 0. A frame that was skipped leaves a gap.</summary>
    public long Number { get; private set; }

    /// <summary>When it was grabbed, on the monotonic clock of the program's TimeProvider.</summary>
    public long CapturedTimestamp { get; private set; }

    /// <summary>When it was grabbed, in UTC: for names and files, never for durations.</summary>
    public DateTimeOffset CapturedAt { get; private set; }

    /// <summary>The stream's own time of this frame, from the first frame on; strictly increasing within a source.</summary>
    public TimeSpan PresentationTime { get; private set; }

    /// <summary>
    /// The unbroken stretch of its source that it belongs to, counted from 0. A new one begins where the source was opened anew
    /// or had stalled, and where a file starts anew or its own times jump; <see cref="PresentationTime"/> goes on rising.
    /// </summary>
    public int Segment { get; private set; }

    /// <summary>The pixels: 8 bits a channel, blue, green, red, rows packed. Its memory is the frame's own.</summary>
    /// <exception cref="ObjectDisposedException">No lease is out.</exception>
    /// <exception cref="InvalidOperationException">The frame has not been filled.</exception>
    public Mat Image
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _leases) <= 0, this);
            return _image ?? throw new InvalidOperationException("The frame has no pixels yet.");
        }
    }

    /// <summary>Leases that are out; 0 while the frame waits in its pool.</summary>
    public int Leases => Volatile.Read(ref _leases);

    /// <summary>Who holds leases, where the pool tracks it: for the message about a leak.</summary>
    internal string Holders => _holders?.ToString() ?? "unknown (built without holder tracking)";

    /// <summary>Adds a lease for another holder of the same picture.</summary>
    /// <param name="holder">Who keeps it, for the message about a leak.</param>
    /// <returns>This frame.</returns>
    /// <exception cref="ObjectDisposedException">No lease is out, so there is nothing to share.</exception>
    public Frame AddLease(string holder)
    {
        // A frame on its way back must not be revived: only a count above 0 may grow.
        int leases = Volatile.Read(ref _leases);
        while (true)
        {
            ObjectDisposedException.ThrowIf(leases <= 0, this);
            int seen = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
            if (seen == leases)
            {
                _holders?.Add(holder);
                return this;
            }

            leases = seen;
        }
    }

    /// <summary>Notes that a lease has passed to another holder. It costs nothing where the pool doesn't track holders.</summary>
    public void PassOn(string from, string to) => _holders?.Replace(from, to);

    /// <summary>Gives the sole lease back and so the frame to its pool; a holder among several calls <see cref="Release"/>.</summary>
    /// <exception cref="ObjectDisposedException">No lease is out: somebody gave one back twice.</exception>
    public void Dispose() => Release(holder: null);

    /// <summary>Gives one lease back; the last one returns the frame to its pool.</summary>
    /// <param name="holder">Who held it, as told to <see cref="AddLease"/> or <see cref="PassOn"/>; null for the latest holder.</param>
    /// <exception cref="ObjectDisposedException">No lease is out: somebody gave one back twice.</exception>
    public void Release(string? holder)
    {
        int left = Interlocked.Decrement(ref _leases);
        if (left < 0)
        {
            Interlocked.Increment(ref _leases);
            ObjectDisposedException.ThrowIf(condition: true, this);
        }

        _holders?.Remove(holder);
        if (left == 0)
        {
            _pool.Return(this);
        }
    }

    /// <summary>Takes the first lease, as the pool hands the frame out.</summary>
    internal void Open(string holder)
    {
        Debug.Assert(_leases == 0, "A frame in the pool has no leases.");
        Volatile.Write(ref _leases, 1);
        _holders?.Add(holder);
    }

    /// <summary>Sets what the source knows of the picture.</summary>
    internal void Describe(string source, long number, long timestamp, DateTimeOffset at, TimeSpan presentationTime, int segment = 0)
    {
        Source = source;
        Number = number;
        CapturedTimestamp = timestamp;
        CapturedAt = at;
        PresentationTime = presentationTime;
        Segment = segment;
    }

    /// <summary>Makes <see cref="Image"/> a picture of this size over the frame's own memory, growing it where needed.</summary>
    /// <returns>The picture, its pixels undefined.</returns>
    internal Mat Reserve(int width, int height)
    {
        if (_image is { } image && image.Cols == width && image.Rows == height)
        {
            return image;
        }

        nuint needed = checked((nuint)width * (nuint)height * 3);
        _image?.Dispose();
        _image = null;
        if (needed > _capacity)
        {
            NativeMemory.AlignedFree(_pixels);
            _pixels = null;
            _capacity = 0;
            _pixels = (byte*)NativeMemory.AlignedAlloc(needed, Alignment);
            _capacity = needed;
        }

        return _image = Mat.FromPixelData(height, width, MatType.CV_8UC3, (nint)_pixels);
    }

    /// <summary>Decodes what a capture has grabbed into the frame's own memory.</summary>
    /// <returns>Whether there is a picture: OpenCV may say yes and give an empty one.</returns>
    /// <exception cref="SourceException">It is no picture of 8 bits in blue, green and red.</exception>
    internal bool TryRetrieve(VideoCapture capture)
    {
        // Some cameras declare no size when they are opened.
        Mat image = Reserve(Math.Max(capture.FrameWidth, 1), Math.Max(capture.FrameHeight, 1));
        if (!capture.Retrieve(image) || image.Empty())
        {
            return false;
        }

        RequireColour(image);
        Adopt(image);
        return true;
    }

    /// <summary>
    /// Takes over what a capture wrote into <paramref name="retrieved"/>: nothing to do where that still is this frame's
    /// memory; a copy where a change of size made OpenCV allocate memory of its own.
    /// </summary>
    internal void Adopt(Mat retrieved)
    {
        if (retrieved.Data == (nint)_pixels)
        {
            return;
        }

        using Mat foreign = retrieved.Clone();
        _image = null;
        retrieved.Dispose();
        foreign.CopyTo(Reserve(foreign.Cols, foreign.Rows));
    }

    /// <summary>Frees the pixels; the pool calls it when it ends.</summary>
    internal void Free()
    {
        _image?.Dispose();
        _image = null;
        NativeMemory.AlignedFree(_pixels);
        _pixels = null;
        _capacity = 0;
    }

    /// <summary>Whoever reads a frame counts on three bytes a pixel, and would read beyond the end of less.</summary>
    private void RequireColour(Mat image)
    {
        MatType type = image.Type();
        if (type != MatType.CV_8UC3)
        {
            _image = null;
            image.Dispose();
            throw new SourceException(
                $"It gives pictures of type {type}, and not of blue, green and red: where a launch line has an appsink of its own,"
                + " it needs ' ! videoconvert ! video/x-raw,format=BGR' before it.");
        }
    }

    /// <summary>The names of a frame's holders. Only debugging runs have one, so a lock does no harm.</summary>
    private sealed class HolderList
    {
        private readonly Lock _gate = new();
        private readonly List<string> _names = [];

        public void Add(string holder)
        {
            lock (_gate)
            {
                _names.Add(holder);
            }
        }

        public void Replace(string from, string to)
        {
            lock (_gate)
            {
                _names[Find(from)] = to;
            }
        }

        public void Remove(string? holder)
        {
            lock (_gate)
            {
                _names.RemoveAt(Find(holder));
            }
        }

        /// <summary>Where the holder stands; the latest one where nobody has that name.</summary>
        private int Find(string? holder)
        {
            int index = holder is null ? -1 : _names.LastIndexOf(holder);
            return index >= 0 ? index : _names.Count - 1;
        }

        public override string ToString()
        {
            lock (_gate)
            {
                return string.Join(", ", _names);
            }
        }
    }
}
