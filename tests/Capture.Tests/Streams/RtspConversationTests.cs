using System.Text;

namespace Pipeline.Capture.Tests.Streams;

/// <summary>What is asked of an RTSP server, word for word.</summary>
public sealed class RtspConversationTests
{
    private const string Granted = "RTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n";

    [Theory]
    [InlineData("rtsp://NVR/NVR1/ch0", "rtsp://nvr/NVR1/ch0")]
    [InlineData("rtsp://me:secret@camera/me:secret@camera", "rtsp://camera/me:secret@camera")]
    public async Task Describe_PathThatRepeatsTheHost_AsksForItAsItIs(string address, string asked)
    {
        string requests = await DescribeAsync(address, Granted);

        Assert.StartsWith($"DESCRIBE {asked} RTSP/1.0\r\n", requests, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_TwoChallengesInOneLine_AnswersTheFirst()
    {
        string requests = await DescribeAsync(
            "rtsp://me:secret@camera/live",
            "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"gate\", nonce=\"17\", Basic realm=\"yard\"\r\n\r\n",
            Granted);

        Assert.Contains("Digest username=\"me\", realm=\"gate\", nonce=\"17\"", requests, StringComparison.Ordinal);
    }

    /// <summary>Holds a conversation with a server that gives these answers, and returns what it was asked.</summary>
    private static async Task<string> DescribeAsync(string address, params string[] answers)
    {
        var source = SourceAddress.Parse(address);
        using var server = new Server(answers);
        await new RtspConversation(source, new Uri(source.ToString()), server).DescribeAsync(CancellationToken.None);
        return server.Asked;
    }

    /// <summary>Gives one answer a read and keeps what is written.</summary>
    private sealed class Server(string[] answers) : MemoryStream
    {
        private int _next;

        public string Asked => Encoding.UTF8.GetString(ToArray());

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(_next < answers.Length ? Encoding.UTF8.GetBytes(answers[_next++], buffer.Span) : 0);
    }
}
