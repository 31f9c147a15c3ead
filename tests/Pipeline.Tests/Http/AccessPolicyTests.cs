using System.Net;
using Pipeline.Host.Http;
using Pipeline.Testing;

namespace Pipeline.Tests.Http;

/// <summary>Who may talk to the server: the attacks, each by the headers that it arrives with.</summary>
public sealed class AccessPolicyTests
{
    private const string Token = "0123456789abcdef";

    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("localhost:8080")]
    [InlineData("LOCALHOST:8080")]
    [InlineData("[::1]:8080")]
    public void Decide_OwnName_IsGranted(string authority) => Assert.Equal(Access.Granted, Decide(Open(), authority));

    [Theory]
    [InlineData("evil.example:8080")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example:8080")]
    [InlineData("10.0.0.7")]
    [InlineData("")]
    public void Decide_NameThatWasRebound_IsRefused(string authority) => Assert.Equal(Access.ForeignHost, Decide(Open(), authority));

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://127.0.0.1.evil.example:8080")]
    [InlineData("http://127.0.0.1:3000")]
    [InlineData("http://localhost:8080")]
    [InlineData("null")]
    [InlineData("file://")]
    [InlineData("http://127.0.0.1:8080@evil.example")]
    public void Decide_PageOfAnotherOrigin_IsRefused(string origin) =>
        Assert.Equal(Access.ForeignOrigin, Decide(Open(), "127.0.0.1:8080", origin));

    [Theory]
    [InlineData("cross-site", Access.ForeignOrigin)]
    [InlineData("same-site", Access.ForeignOrigin)]
    [InlineData("same-origin", Access.Granted)]
    [InlineData("none", Access.Granted)]
    public void Decide_PictureInAPage_DependsOnThePage(string fetchSite, object access) =>
        Assert.Equal(access, Decide(Open(), "127.0.0.1:8080", fetchSite: fetchSite));

    [Fact]
    public void Decide_OwnPage_IsGranted() =>
        Assert.Equal(Access.Granted, Decide(Open(), "127.0.0.1:8080", "http://127.0.0.1:8080"));

    [Theory]
    [InlineData(null, Access.NoToken)]
    [InlineData("Bearer", Access.NoToken)]
    [InlineData("Bearer ", Access.NoToken)]
    [InlineData("Basic " + Token, Access.NoToken)]
    [InlineData(Token, Access.NoToken)]
    [InlineData("Bearer 0123456789abcde", Access.NoToken)]
    [InlineData("Bearer 0123456789abcdef0", Access.NoToken)]
    [InlineData("Bearer 0123456789ABCDEF", Access.NoToken)]
    [InlineData("Bearer " + Token, Access.Granted)]
    [InlineData("bearer " + Token + " ", Access.Granted)]
    public void Decide_TokenWanted_TakesThatOneOnly(string? authorization, object access) =>
        Assert.Equal(access, Decide(WithToken(), "localhost", authorization: authorization));

    [Fact]
    public void Decide_ManyWrongTokens_RefusesThatAddressEvenTheRightOneForAMinute()
    {
        AccessPolicy policy = WithToken();
        for (int i = 0; i < FailureLimiter.Limit; i++)
        {
            Assert.Equal(Access.NoToken, Decide(policy, "localhost", authorization: $"Bearer guess{i}"));
        }

        Assert.Equal(Access.TooManyFailures, Decide(policy, "localhost", authorization: $"Bearer {Token}"));
        Assert.Equal(Access.Granted, Decide(policy, "localhost", authorization: $"Bearer {Token}", peer: "10.0.0.9"));

        _time.Advance(FailureLimiter.Window);

        Assert.Equal(Access.Granted, Decide(policy, "localhost", authorization: $"Bearer {Token}"));
    }

    [Fact]
    public void Decide_NoTokenAtAll_IsNoGuess()
    {
        AccessPolicy policy = WithToken();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Access.NoToken, Decide(policy, "localhost"));
        }

        Assert.Equal(Access.Granted, Decide(policy, "localhost", authorization: $"Bearer {Token}"));
    }

    [Fact]
    public void Decide_GuessesFromCountlessAddresses_AreStoppedWithBoundedMemory()
    {
        AccessPolicy policy = WithToken();
        for (int i = 0; i < 5000; i++)
        {
            Decide(policy, "localhost", authorization: "Bearer guess", peer: new IPAddress(0x0a000000 + i).ToString());
        }

        Assert.Equal(Access.TooManyFailures, Decide(policy, "localhost", authorization: "Bearer guess", peer: "192.168.7.7"));
    }

    private static Access Decide(
        AccessPolicy policy, string authority, string? origin = null, string? fetchSite = null, string? authorization = null, string peer = "127.0.0.1") =>
        policy.Decide(
            IPAddress.Parse(peer), new Microsoft.AspNetCore.Http.HostString(authority).Host, authority, origin, fetchSite, authorization);

    private AccessPolicy Open() => new(["localhost", "127.0.0.1", "::1"], token: null, _time);

    private AccessPolicy WithToken() => new(["localhost"], Token, _time);
}
