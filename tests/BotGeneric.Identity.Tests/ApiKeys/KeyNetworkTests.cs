using BotGeneric.Identity.ApiKeys;

namespace BotGeneric.Identity.Tests.ApiKeys;

public sealed class KeyNetworkTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7/32")]
    [InlineData(" 10.1.2.3/8 ", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:DB8:0:0::1/32", "2001:db8::/32")]
    [InlineData("::1", "::1/128")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7/32")]
    [InlineData("::ffff:192.0.2.7/120", "192.0.2.0/24")]
    public void A_network_is_stored_in_one_form(string text, string expected)
    {
        Assert.True(KeyNetworks.TryRead([text, text], out var networks, out _));
        Assert.Equal([expected], networks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a000001")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("::/129")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("192.0.2.1:80")]
    public void What_is_no_network_is_named(string text)
    {
        Assert.False(KeyNetworks.TryRead(["192.0.2.1", text], out _, out var wrong));
        Assert.Equal(text, wrong);
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", false)]
    [InlineData("::/0", "10.0.0.0/8", false)]
    [InlineData("", "10.0.0.0/8", false)]
    [InlineData("", "", true)]
    [InlineData("10.0.0.0/8", "", true)]
    public void A_list_is_within_another_when_all_of_it_is(string inner, string outer, bool expected) => Assert.Equal(
        expected,
        KeyNetworks.AreWithin(inner.Split(' ', StringSplitOptions.RemoveEmptyEntries), outer.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
