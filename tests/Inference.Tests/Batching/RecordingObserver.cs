using System.Collections.Concurrent;
using Pipeline.PostProcess;

namespace Pipeline.Inference.Tests;

/// <summary>How a ticket came back.</summary>
internal enum Fate
{
    Decoded,
    Failed,
    Superseded,
    Stopped,
}

/// <summary>Remembers everything, and lets a test wait for tickets, preparations and new sessions.</summary>
internal sealed class RecordingObserver : IBatchObserver<Ticket>
{
    private readonly EventCounter _back = new("tickets back");
    private readonly EventCounter _prepared = new("tickets prepared");
    private readonly EventCounter _reopened = new("sessions opened again");

    public ConcurrentQueue<(Ticket Ticket, Fate Fate)> Back { get; } = new();

    public ConcurrentQueue<Detection> Detections { get; } = new();

    /// <summary>What was said of which batch.</summary>
    public ConcurrentQueue<string> Batches { get; } = new();

    public ConcurrentQueue<(int Images, int BatchSize)> Runs { get; } = new();

    public ConcurrentQueue<(Exception Exception, bool Hung)> LostSessions { get; } = new();

    public ConcurrentQueue<Exception> Failures { get; } = new();

    /// <summary>Thrown by every <see cref="OnDecoded"/>.</summary>
    public Exception? Failure { get; set; }

    public Task BackAsync(int tickets) => _back.TakeAsync(tickets);

    public Task PreparedAsync(int tickets) => _prepared.TakeAsync(tickets);

    public Task ReopenedAsync() => _reopened.TakeAsync(1);

    public void OnPrepared(Ticket ticket, TimeSpan elapsed, long batch)
    {
        Batches.Enqueue($"{ticket.Number} prepared in {batch}");
        _prepared.Add();
    }

    public void OnRun(int images, int batchSize, TimeSpan elapsed, long batch)
    {
        Batches.Enqueue($"{batch} run");
        Runs.Enqueue((images, batchSize));
    }

    public void OnDecoded(Ticket ticket, ReadOnlySpan<Detection> detections, int nonFinite, TimeSpan elapsed, long batch)
    {
        Batches.Enqueue($"{ticket.Number} decoded in {batch}");
        Detections.Enqueue(detections[0]);
        Add(ticket, Fate.Decoded);
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    public void OnFailed(Ticket ticket, Exception exception)
    {
        Failures.Enqueue(exception);
        Add(ticket, Fate.Failed);
    }

    public void OnDropped(Ticket ticket, DropReason reason) => Add(
        ticket,
        reason switch
        {
            DropReason.Superseded => Fate.Superseded,
            _ => Fate.Stopped,
        });

    public void OnSessionLost(Exception exception, bool hung) => LostSessions.Enqueue((exception, hung));

    public void OnSessionReopened(string provider) => _reopened.Add();

    private void Add(Ticket ticket, Fate fate)
    {
        Back.Enqueue((ticket, fate));
        _back.Add();
    }
}
