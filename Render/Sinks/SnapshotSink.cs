using OpenCvSharp;
using Pipeline.Capture;

namespace Pipeline.Render;

/// <summary>
/// Gives single annotated pictures to whoever asks. While nobody does, it needs no pixels and costs next to nothing.
/// </summary>
/// <remarks><see cref="TakeAsync"/> from any thread; the rest is its <see cref="SinkStage"/>'s.</remarks>
public sealed class SnapshotSink : ISink
{
    /// <summary>A tenth of a still's size at a loss that nobody sees.</summary>
    private const int JpegQuality = 85;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Request> _requests = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private volatile bool _isAsked;

    /// <summary>Makes a sink.</summary>
    /// <param name="time">The clock of the frames' capture times.</param>
    public SnapshotSink(TimeProvider time) => _time = time;

    /// <inheritdoc/>
    public string Name => "snapshot";

    /// <inheritdoc/>
    public bool NeedsPixels => _isAsked;

    /// <summary>The next frame that a source captures, annotated, as JPEG. All who ask before it comes get the same.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">No frame came before that.</exception>
    public async Task<byte[]> TakeAsync(string source, CancellationToken cancellationToken)
    {
        Request request = Join(source);
        try
        {
            return await request.Picture.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(source, request);
        }
    }

    /// <inheritdoc/>
    public void Write(FrameResult result)
    {
        if (_isAsked && RequestFor(result.Frame) is { } request)
        {
            request.Picture.TrySetResult(
                result.Frame.Image.ImEncode(".jpg", new ImageEncodingParam(ImwriteFlags.JpegQuality, JpegQuality)));
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        lock (_gate)
        {
            foreach (Request request in _requests.Values)
            {
                request.Picture.TrySetCanceled();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Complete();

    private Request Join(string source)
    {
        lock (_gate)
        {
            // Before the time is taken: whatever is captured from then on is drawn on.
            _isAsked = true;
            if (!_requests.TryGetValue(source, out Request? request) || request.Picture.Task.IsCompleted)
            {
                request = new Request(_time.GetTimestamp());
                _requests[source] = request;
            }

            request.Waiting++;
            return request;
        }
    }

    /// <summary>Once nobody waits any more, the source is not to be drawn on for it.</summary>
    private void Leave(string source, Request request)
    {
        lock (_gate)
        {
            if (--request.Waiting == 0 && _requests.TryGetValue(source, out Request? current) && current == request)
            {
                _requests.Remove(source);
            }

            _isAsked = _requests.Count > 0;
        }
    }

    /// <summary>Who waits for this frame: one captured before somebody asked may have gone by its render stage undrawn.</summary>
    private Request? RequestFor(Frame frame)
    {
        lock (_gate)
        {
            return _requests.TryGetValue(frame.Source, out Request? request) && frame.CapturedTimestamp >= request.Since ? request : null;
        }
    }

    /// <summary>Who waits for a source's next picture.</summary>
    /// <param name="since">When the first of them asked.</param>
    private sealed class Request(long since)
    {
        public TaskCompletionSource<byte[]> Picture { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Since => since;

        public int Waiting { get; set; }
    }
}
