using Pipeline.Host.Service;

namespace Pipeline.Tests.Service;

public sealed class NotifySocketTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Send_PathOrAbstractName_Arrives(bool isAbstract)
    {
        using var systemd = new SystemdListener(isAbstract);
        var socket = new NotifySocket(systemd.Address);

        socket.Send("READY=1\nSTATUS=30 fps · 2 sources");

        Assert.Equal("READY=1\nSTATUS=30 fps · 2 sources", systemd.Next());
    }

    [Fact]
    public void Send_NobodyListens_IsLost()
    {
        var socket = new NotifySocket("/nowhere/notify");

        socket.Send("READY=1");
    }
}
