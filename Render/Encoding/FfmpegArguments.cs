using System.Globalization;

namespace Pipeline.Render;

/// <summary>The command line of an ffmpeg that takes a <see cref="MatroskaStream"/> and gives fragmented MP4.</summary>
internal static class FfmpegArguments
{
    /// <summary>A key frame is forced each time this has passed: a segment can begin there, and a player.</summary>
    public static readonly TimeSpan KeyFrameDistance = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A fragment ends when it is as long as this, or at a key frame. What is in no finished fragment is lost in a crash; and a
    /// viewer in a browser is behind by at least one.
    /// </summary>
    public static readonly TimeSpan FragmentLength = TimeSpan.FromMilliseconds(250);

    /// <summary>The quality where no bit rate is given, on H.264's scale of 0 to 51: x264's default.</summary>
    private const string Quality = "23";

    /// <summary>The arguments.</summary>
    public static IEnumerable<string> For(EncoderOptions options) =>
    [
        "-hide_banner", "-loglevel", "error",

        // Nothing of the input has to be guessed, so nothing is held back for guessing.
        "-probesize", "32", "-analyzeduration", "0", "-fpsprobesize", "0", "-f", "matroska", "-i", "pipe:0",
        .. Encoder(options),
        .. Rate(options),

        // Each frame at its own time, in the 90 kHz that video clocks have.
        "-fps_mode", "passthrough", "-enc_time_base", Fraction(MovieFragment.TicksPerSecond),
        "-video_track_timescale", Number(MovieFragment.TicksPerSecond),

        // Counted from the last one: from the beginning on, each frame would be one after a camera was away, until they had caught up.
        "-force_key_frames", $"expr:isnan(prev_forced_t)+gte(t,prev_forced_t+{Number(KeyFrameDistance.TotalSeconds)})",
        "-movflags", "+frag_keyframe+empty_moov+default_base_moof+skip_trailer",
        "-frag_duration", Number(FragmentLength.TotalMicroseconds), "-flush_packets", "1", "-f", "mp4", "pipe:1",
    ];

    /// <summary>The encoder, told to hold no frame back.</summary>
    private static string[] Encoder(EncoderOptions options) => options.Encoder switch
    {
        VideoEncoder.Nvenc =>
        [
            "-c:v", "h264_nvenc", "-preset", options.Preset ?? "p4", "-tune", "ll", "-zerolatency", "1", "-delay", "0", "-bf", "0",
            "-forced-idr", "1", "-pix_fmt", "yuv420p",
        ],
        VideoEncoder.Vaapi => ["-vaapi_device", options.Device, "-vf", "format=nv12,hwupload", "-c:v", "h264_vaapi", "-bf", "0"],
        VideoEncoder.Qsv =>
            ["-c:v", "h264_qsv", "-preset", options.Preset ?? "veryfast", "-bf", "0", "-async_depth", "1", "-forced_idr", "1", "-pix_fmt", "nv12"],

        // The tuning makes x264 count on the declared rate, which is made up; with the real times a bit rate is met.
        _ => ["-c:v", "libx264", "-preset", options.Preset ?? "veryfast", "-tune", "zerolatency", "-x264-params", "force-cfr=0", "-pix_fmt", "yuv420p"],
    };

    private static string[] Rate(EncoderOptions options) => options switch
    {
        { KilobitsPerSecond: { } rate } => ["-b:v", $"{Number(rate)}k", "-maxrate", $"{Number(rate)}k", "-bufsize", $"{Number(2 * rate)}k"],
        { Encoder: VideoEncoder.Nvenc } => ["-rc", "vbr", "-cq", Quality, "-b:v", "0"],
        { Encoder: VideoEncoder.Vaapi } => ["-rc_mode", "CQP", "-qp", Quality],
        { Encoder: VideoEncoder.Qsv } => ["-global_quality", Quality],
        _ => ["-crf", Quality],
    };

    private static string Fraction(int denominator) => $"1:{Number(denominator)}";

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
