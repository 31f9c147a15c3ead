using System.Buffers;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using OpenCvSharp;
using Pipeline.PostProcess;

namespace Pipeline.Render;

/// <summary>
/// Writes one JSON object a frame and line, each in one call to the system, so that what was written survives the
/// program: source, frame, timeMs, capturedAt, width, height, latencyMs, detections with their boxes in pixels.
/// </summary>
public sealed class JsonLinesSink : ISink
{
    /// <summary>The file descriptor of standard output.</summary>
    private const int StandardOutput = 1;

    private readonly Func<Stream> _reopen;
    private readonly LabelMap _labels;
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _writer;

    /// <summary>Null after a write that failed, until the next one.</summary>
    private Stream? _stream;

    /// <summary>Where the last whole line ends.</summary>
    private long _end;

    private JsonLinesSink(string name, Stream stream, Func<Stream> reopen, LabelMap labels)
    {
        Name = name;
        _stream = stream;
        _reopen = reopen;
        _labels = labels;
        _writer = new Utf8JsonWriter(_buffer);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool NeedsPixels => false;

    /// <summary>Opens a file for it, anew; its folder is made where it is missing.</summary>
    /// <param name="path">The file, or "-" for standard output.</param>
    /// <param name="labels">The names of the classes.</param>
    /// <exception cref="OutputException">The file can't be written.</exception>
    public static JsonLinesSink Open(string path, LabelMap labels) => path == "-"
        ? new JsonLinesSink("JSON lines on standard output", OpenStandardOutput(), OpenStandardOutput, labels)
        : new JsonLinesSink($"JSON lines {path}", OutputFile.Create(path), () => OutputFile.Open(path), labels);

    /// <inheritdoc/>
    public void Write(FrameResult result)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        WriteFrame(result);
        _writer.Flush();
        _buffer.Write("\n"u8);
        _stream ??= Reopen();
        try
        {
            _stream.Write(_buffer.WrittenSpan);
            _stream.Flush();
            _end += _buffer.WrittenCount;
        }
        catch (IOException e)
        {
            _stream.Dispose();
            _stream = null;
            throw OutputException.From(e);
        }
    }

    /// <inheritdoc/>
    public void Complete() => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _stream?.Dispose();
    }

    /// <summary>
    /// Opens standard output so that a pipe whose reader is gone is an error: .NET's own stream passes over it in silence. Into a file
    /// that own stream goes on where others write, and a second one would not.
    /// </summary>
    private static Stream OpenStandardOutput()
    {
        try
        {
            var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.OpenStandardOutput() : stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput(); // it is closed, or something that no file is: the first write says so
        }
    }

    /// <summary>Opens the file again and takes away the piece of a line that the failure may have left.</summary>
    private Stream Reopen()
    {
        Stream stream = _reopen();
        if (stream.CanSeek)
        {
            // Somebody may have taken the file away, or cut it.
            _end = Math.Min(_end, stream.Length);
            stream.SetLength(_end);
            stream.Position = _end;
        }

        return stream;
    }

    private void WriteFrame(FrameResult result)
    {
        Mat image = result.Frame.Image;
        int width = image.Cols;
        int height = image.Rows;
        _writer.WriteStartObject();
        _writer.WriteString("source"u8, result.Frame.Source);
        _writer.WriteNumber("frame"u8, result.Frame.Number);
        _writer.WriteNumber("timeMs"u8, Math.Round(result.Frame.PresentationTime.TotalMilliseconds, 3));
        _writer.WriteString("capturedAt"u8, result.Frame.CapturedAt);
        _writer.WriteNumber("width"u8, width);
        _writer.WriteNumber("height"u8, height);
        _writer.WriteNumber("latencyMs"u8, Math.Round(result.Latency.TotalMilliseconds, 3));
        _writer.WriteStartArray("detections"u8);
        foreach (ref readonly Detection detection in result.Detections)
        {
            _writer.WriteStartObject();
            _writer.WriteNumber("classId"u8, detection.ClassId);
            _writer.WriteString("label"u8, _labels[detection.ClassId]);
            _writer.WriteNumber("score"u8, Math.Round((double)detection.Score, 6));
            _writer.WriteStartArray("box"u8);
            WriteSide(detection.Box.X1, width);
            WriteSide(detection.Box.Y1, height);
            WriteSide(detection.Box.X2, width);
            WriteSide(detection.Box.Y2, height);
            _writer.WriteEndArray();
            _writer.WriteEndObject();
        }

        _writer.WriteEndArray();
        _writer.WriteEndObject();
    }

    /// <summary>A share of a side as pixels, clipped to the frame, to a hundredth: 1e-4 of a side is .03 pixels at 320.</summary>
    private void WriteSide(float share, int side) =>
        _writer.WriteNumberValue(Math.Round(Math.Clamp((double)share, 0, 1) * side, 2));
}
