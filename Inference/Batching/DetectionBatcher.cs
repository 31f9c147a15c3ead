using System.Runtime.ExceptionServices;

namespace Pipeline.Inference;

/// <summary>
/// Turns queued images into detections. Three stages overlap: the next batch is prepared while one runs and the last is
/// decoded. A free session takes what waits, at once. In the steady state nothing is allocated per image.
/// </summary>
/// <typeparam name="TTicket">What is queued; a class or, without boxing, a struct.</typeparam>
public sealed class DetectionBatcher<TTicket> : IDisposable
    where TTicket : IBatchTicket
{
    /// <summary>Where tickets come from.</summary>
    private readonly SourceQueues<TTicket> _queues;

    /// <summary>The batches and the channels between the stages.</summary>
    private readonly BatchRing<TTicket> _ring;

    /// <summary>Fills batches.</summary>
    private readonly PrepareStage<TTicket> _prepare;

    /// <summary>Runs batches.</summary>
    private readonly RunStage<TTicket> _run;

    /// <summary>Decodes batches and gives the tickets back.</summary>
    private readonly DecodeStage<TTicket> _decode;

    /// <summary>The clock of everything.</summary>
    private readonly TimeProvider _time;

    /// <summary>A batcher over an open session.</summary>
    /// <param name="queues">Where tickets come from, and whose observer they come back to.</param>
    /// <param name="session">The session; from now on the batcher's.</param>
    /// <param name="reopen">Opens another session of the same model, after this one failed or hung.</param>
    /// <param name="options">How batches are made and watched.</param>
    /// <param name="time">The clock of all measuring, waiting and watching.</param>
    public DetectionBatcher(
        SourceQueues<TTicket> queues,
        IModelSession session,
        Func<IModelSession> reopen,
        DetectionBatcherOptions options,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(reopen);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _queues = queues;
        _time = time;
        _ring = new BatchRing<TTicket>(session);
        InputSpec input = _ring.Input;
        _prepare = new PrepareStage<TTicket>(_ring, queues, input, options.MaximumWait, time);
        _run = new RunStage<TTicket>(_ring, queues.Observer, session, reopen, options, time);
        _decode = new DecodeStage<TTicket>(_ring, queues.Observer, input, time);
    }

    /// <summary>
    /// The most tickets that are in the batches at once, beside those in the queues: what a pool of images must allow
    /// for.
    /// </summary>
    public int TicketsInFlight => _ring.TicketCapacity;

    /// <summary>
    /// How long nothing has been taken from the queues although something waits, or one batch has been in the filling;
    /// zero where nothing waits. Any thread may ask.
    /// </summary>
    public TimeSpan PrepareStandstill
    {
        get
        {
            TimeSpan queued = _queues.Standstill;
            TimeSpan filling = Standstill(BatchStage.Prepare);
            return queued > filling ? queued : filling;
        }
    }

    /// <summary>How long one batch has waited for the session or been in its run; zero where none is there.</summary>
    public TimeSpan RunStandstill => Standstill(BatchStage.Run);

    /// <summary>How long one batch has waited for its decoding or been in it; zero where none is there.</summary>
    public TimeSpan DecodeStandstill => Standstill(BatchStage.Decode);

    /// <summary>
    /// Runs until the queues are complete and drained, or until it is cancelled, or until a fault. In each case every
    /// ticket has come back when this returns, and the session is disposed; the queues take no more. To be called once.
    /// </summary>
    /// <param name="cancellationToken">
    /// Stops: what waits is dropped, what is being run is still decoded, and nothing more is run.
    /// </param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ModelRunException">The session hung twice, kept failing, lost its device, or did not open again.</exception>
    /// <exception cref="ModelException">The model could not be opened again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using (_ring.Stopping.Register(_queues.Signal))
        using (cancellationToken.Register(_ring.Stop))
        {
            await Task.WhenAll(
                Task.Run(_prepare.RunAsync, CancellationToken.None), _run.RunAsync(), _decode.RunAsync());
        }

        _queues.Close();
        Exception? fault = _ring.Fault;
        Dispose();
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Gives the session and the slots up. <see cref="RunAsync"/> does so itself at its end.</summary>
    public void Dispose()
    {
        _prepare.Dispose();
        _run.Dispose();
        _ring.Dispose();
    }

    private TimeSpan Standstill(BatchStage stage) =>
        _ring.Oldest(stage) is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero;
}
