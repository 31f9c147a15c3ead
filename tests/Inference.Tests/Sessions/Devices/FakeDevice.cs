using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Inference.Tests;

/// <summary>
/// A device in main memory whose queues do nothing until somebody waits for them: what the session forgets to wait for has not
/// happened. Its clock counts the actions that were done.
/// </summary>
internal sealed unsafe class FakeDevice : IDevice
{
    private readonly Queue<Action>[] _queues = [.. Enum.GetValues<DeviceQueue>().Select(_ => new Queue<Action>())];
    private readonly Dictionary<nint, NativeBuffer> _memory = [];
    private readonly Dictionary<nint, (DeviceQueue Queue, int Position)> _events = [];
    private readonly Dictionary<nint, int> _times = [];
    private readonly int[] _put = new int[3];
    private readonly int[] _done = new int[3];
    private nint _lastEvent;
    private int _time;

    public OrtMemoryInfo Memory => OrtMemoryInfo.DefaultInstance;

    public int Blocks => _memory.Count;

    public int Events => _events.Count;

    public bool IsDisposed { get; private set; }

    public string? Loss
    {
        get => IsAbandoned ? "the device does not come back" : field;
        set;
    }

    public bool IsAbandoned { get; private set; }

    /// <summary>What was done, in order: "in 48 bytes".</summary>
    public List<string> Log { get; } = [];

    /// <summary>Copies from the device fail from now on.</summary>
    public ModelRunException? CopyOutFailure { get; set; }

    /// <summary>Copies from the device hang from now on.</summary>
    public bool CopyOutHangs { get; set; }

    /// <summary>Done when somebody waits for a copy that hangs.</summary>
    public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public nint Allocate(long bytes)
    {
        var block = new NativeBuffer(bytes);
        block.Slice<byte>(0, (int)bytes).Fill(0xAA);
        _memory.Add(block.Address, block);
        return block.Address;
    }

    public void Free(nint address)
    {
        _memory.Remove(address, out NativeBuffer? block);
        block!.Dispose();
    }

    public NativeBuffer AllocateHost(long bytes) => new(bytes);

    public nint CreateEvent()
    {
        _events.Add(++_lastEvent, default);
        return _lastEvent;
    }

    public void DestroyEvent(nint deviceEvent) => Assert.True(_events.Remove(deviceEvent));

    public void Copy(nint target, nint source, long bytes, DeviceQueue queue) => Put(queue, () =>
    {
        Log.Add($"{(queue == DeviceQueue.CopyIn ? "in" : "out")} {bytes}");
        Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
    });

    public void Clear(nint target, long bytes, DeviceQueue queue) =>
        Put(queue, () => NativeMemory.Clear((void*)target, (nuint)bytes));

    public void Record(nint deviceEvent, DeviceQueue queue)
    {
        Put(queue, () => _times[deviceEvent] = _time);
        _events[deviceEvent] = (queue, _put[(int)queue]);
    }

    // The CPU's session runs at once, so what holds its queue is done at once.
    public void Hold(DeviceQueue queue, nint deviceEvent)
    {
        if (queue == DeviceQueue.Compute)
        {
            Do(deviceEvent);
        }
        else
        {
            Put(queue, () => Do(deviceEvent));
        }
    }

    public void Wait(nint deviceEvent)
    {
        (DeviceQueue queue, _) = _events[deviceEvent];
        if (queue == DeviceQueue.CopyOut && CopyOutFailure is { } failure)
        {
            throw failure;
        }

        if (queue == DeviceQueue.CopyOut && CopyOutHangs)
        {
            Hanging.SetResult();
            Thread.Sleep(Timeout.Infinite);
        }

        Do(deviceEvent);
    }

    public TimeSpan Elapsed(nint from, nint to) => TimeSpan.FromMilliseconds(_times[to] - _times[from]);

    public void Abandon() => IsAbandoned = true;

    public void Dispose()
    {
        Assert.False(IsDisposed);
        IsDisposed = true;
    }

    private void Put(DeviceQueue queue, Action action)
    {
        _put[(int)queue]++;
        _queues[(int)queue].Enqueue(action);
    }

    private void Do(nint deviceEvent)
    {
        (DeviceQueue queue, int position) = _events[deviceEvent];
        while (_done[(int)queue] < position)
        {
            _time++;
            _done[(int)queue]++;
            _queues[(int)queue].Dequeue()();
        }
    }
}
