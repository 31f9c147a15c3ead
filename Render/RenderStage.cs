using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>Is told what a render stage does.</summary>
public interface IRenderObserver
{
    /// <summary>A frame was drawn on (where a sink looks at pixels) and offered to all sinks, and it took this long.</summary>
    void OnRendered(FrameResult result, TimeSpan elapsed);

    /// <summary>Drawing on a frame failed, which is a bug: it is lost, and the next one is tried.</summary>
    void OnLost(FrameResult result, Exception exception);
}

/// <summary>
/// The last stage of one source before its sinks: draws the detections on the frame, once and in place, and offers it to
/// every sink. From then on its pixels are read-only.
/// </summary>
public sealed class RenderStage
{
    private readonly IReadOnlyList<SinkStage> _sinks;
    private readonly LabelMap _labels;
    private readonly IRenderObserver _observer;
    private readonly TimeProvider _time;
    private readonly WorkClock _work;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What is drawn; replaced as one.</summary>
    private volatile Picture _picture;

    private Annotator? _annotator;

    /// <summary>Makes a stage; it runs from <see cref="Start"/> on.</summary>
    /// <param name="queue">Where decoded frames arrive.</param>
    /// <param name="sinks">Where they go on to.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="caption">What stands in the lower left corner.</param>
    /// <param name="observer">Told of each frame.</param>
    /// <param name="time">The clock that measures the drawing.</param>
    public RenderStage(
        FrameResultQueue queue,
        IReadOnlyList<SinkStage> sinks,
        LabelMap labels,
        CaptionParts caption,
        IRenderObserver observer,
        TimeProvider time)
    {
        _picture = new Picture(new Caption(caption), HasDetections: true);
        Queue = queue;
        _sinks = sinks;
        _labels = labels;
        _observer = observer;
        _time = time;
        _work = new WorkClock(time);
    }

    /// <summary>Where decoded frames arrive.</summary>
    public FrameResultQueue Queue { get; }

    /// <summary>Ends once the queue is complete and empty; with the first error where drawing failed, which is a bug.</summary>
    public Task Completion => _completion.Task;

    /// <summary>How long the frame that is being drawn on has been in hand; zero where none is. Any thread may ask.</summary>
    public TimeSpan Standstill => _work.Standstill;

    /// <summary>Changes what is drawn, from the next frame on. Any thread may.</summary>
    /// <param name="caption">What stands in the lower left corner.</param>
    /// <param name="detections">Whether the detections are drawn.</param>
    public void Change(CaptionParts caption, bool detections) => _picture = new Picture(new Caption(caption), detections);

    /// <summary>Starts the thread.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = Queue.Holder }.Start();

    private void Run()
    {
        Exception? failure = null;
        while (Queue.TryTake(out FrameResult? result))
        {
            try
            {
                Render(result);
            }
            catch (Exception e)
            {
                failure ??= e;
                _observer.OnLost(result, e);
            }
            finally
            {
                _work.End();
                Queue.Recycle(result);
            }
        }

        if (failure is null)
        {
            _completion.SetResult();
        }
        else
        {
            _completion.SetException(failure);
        }
    }

    private void Render(FrameResult result)
    {
        long before = _work.Begin();
        if (NeedsPixels())
        {
            _annotator ??= new Annotator(_labels);
            Picture picture = _picture;
            _annotator.Draw(result.Frame.Image, picture.HasDetections ? result.Detections : [], picture.Caption.For(result.Frame));
        }

        foreach (SinkStage sink in _sinks)
        {
            sink.Offer(result);
        }

        _observer.OnRendered(result, _time.GetElapsedTime(before));
    }

    /// <summary>Asked for every frame: a sink may look at pixels only now and then.</summary>
    private bool NeedsPixels()
    {
        foreach (SinkStage sink in _sinks)
        {
            if (sink.NeedsPixels)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is drawn.</summary>
    /// <param name="Caption">What stands in the lower left corner; used by the stage's thread alone.</param>
    /// <param name="HasDetections">Whether the detections are drawn.</param>
    private sealed record Picture(Caption Caption, bool HasDetections);
}
