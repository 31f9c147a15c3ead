using Pipeline.Host.Service;

namespace Pipeline.Tests.Service;

public sealed class JournalTests
{
    [Theory]
    [InlineData("8:4711", "socket:[4711]", true)]
    [InlineData("8:4711", "socket:[4712]", false)]
    [InlineData("8:4711", "/dev/pts/0", false)]
    [InlineData("8:4711", null, false)]
    [InlineData("8:", "socket:[]", false)]
    [InlineData("", "socket:[4711]", false)]
    [InlineData(null, "socket:[4711]", false)]
    public void IsStream_DeviceAndInode_AreTheStreams(string? journalStream, string? link, bool expected) =>
        Assert.Equal(expected, Journal.IsStream(journalStream, link));

    [Fact]
    public void Prefix_SeveralLines_MarksEach() => Assert.Equal("<3>it failed\n<3>  at A", Journal.Prefix(3, "it failed\n  at A"));
}
