using System.Net;
using Pipeline.Host;
using Pipeline.Host.Configuration;
using Pipeline.Host.Http;

namespace Pipeline.Tests.Http;

public sealed class ListenAddressTests
{
    private const string Token = "0123456789abcdef";

    [Theory]
    [InlineData("off")]
    [InlineData("OFF")]
    public void From_Off_IsNone(string url) => Assert.Null(ListenAddress.From(new HttpSettings { Url = url }));

    [Theory]
    [InlineData("http://127.0.0.1:8080", "127.0.0.1", 8080)]
    [InlineData("http://localhost:81", "127.0.0.1", 81)]
    [InlineData("http://[::1]:8080", "::1", 8080)]
    [InlineData("http://127.0.0.1", "127.0.0.1", 80)]
    public void From_Loopback_NeedsNoToken(string url, string address, int port)
    {
        ListenAddress listen = ListenAddress.From(new HttpSettings { Url = url })!;

        Assert.Equal((IPAddress.Parse(address), port), (listen.Address, listen.Port));
        Assert.Contains("localhost", listen.Hosts);
    }

    [Theory]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://[::]:8080")]
    [InlineData("http://192.168.1.4:8080")]
    public void From_OtherAddressWithoutToken_IsRefused(string url)
    {
        UsageException e = Assert.Throws<UsageException>(() => ListenAddress.From(new HttpSettings { Url = url }));

        Assert.Contains("Http:Token", e.Message, StringComparison.Ordinal);
        Assert.NotNull(ListenAddress.From(new HttpSettings { Url = url, Token = Token }));
    }

    [Theory]
    [InlineData("8080")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("https://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData("http://user@127.0.0.1:8080")]
    [InlineData("http://camera.example:8080")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("")]
    public void From_NoAddress_SaysWhatIsWanted(string url)
    {
        UsageException e = Assert.Throws<UsageException>(() => ListenAddress.From(new HttpSettings { Url = url, Token = Token }));

        Assert.Contains("Http:Url (--http)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_FurtherHosts_AreItsNamesToo() =>
        Assert.Contains("cams.example", ListenAddress.From(new HttpSettings { Hosts = ["cams.example"] })!.Hosts);
}
