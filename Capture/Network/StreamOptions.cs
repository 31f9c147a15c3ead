namespace Pipeline.Capture;

/// <summary>How an RTSP server is asked to send.</summary>
public enum StreamTransport
{
    /// <summary>Over TCP; over UDP where the server knows nothing else.</summary>
    Auto,

    /// <summary>Over the RTSP connection itself: nothing is lost.</summary>
    Tcp,

    /// <summary>In datagrams: what is lost is missing from the picture.</summary>
    Udp,
}

/// <summary>How a network stream is received and decoded.</summary>
/// <param name="Transport">How an RTSP server is asked to send; other servers are not asked.</param>
/// <param name="LowLatency">Whether delay counts for more than rate and completeness.</param>
public sealed record StreamOptions(StreamTransport Transport = StreamTransport.Auto, bool LowLatency = false)
{
    /// <summary>
    /// Threads that decode. FFmpeg hands a picture out only when each of them has one, so every thread beyond the first shows
    /// a camera a frame later. One thread decodes some 140 pictures a second of 1920x1080 or 40 of 3840x2160, H.264; two keep
    /// up with every usual camera.
    /// </summary>
    internal int DecoderThreads => LowLatency ? 1 : Math.Min(2, Environment.ProcessorCount);

    /// <summary>
    /// FFmpeg's options: key;value pairs with | between them. Over UDP it waits up to half a second for datagrams that
    /// others have overtaken, but not for low latency.
    /// </summary>
    internal string FfmpegOptions
    {
        get
        {
            string transport = Transport switch
            {
                StreamTransport.Tcp => "|rtsp_transport;tcp",
                StreamTransport.Udp => "|rtsp_transport;udp",
                _ => "",
            };
            return LowLatency ? $"{transport}|reorder_queue_size;0" : transport;
        }
    }
}
