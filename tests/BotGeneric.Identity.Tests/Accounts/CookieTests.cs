using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.Tests.Accounts.Support;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class CookieTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Theory]
    [InlineData("Staging", "https://bot.example/", true)]
    [InlineData("Staging", "http://bot.example/", false)]
    [InlineData("Development", "https://bot.example/", true)]
    public async Task Wherever_people_come_over_tls_cookies_are_bound_to_the_host(string environment, string origin, bool isSecure)
    {
        await using var other = identity.WithWebHostBuilder(builder => builder.UseEnvironment(environment).UseSetting("Authentication:Issuer", origin));
        await using var scope = other.Services.CreateAsyncScope();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };

        SecretCookies.Write(context, "browser", "secret", TimeSpan.FromDays(1));
        var session = other.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SessionCookie.Scheme).Cookie;

        var written = context.Response.Headers.SetCookie.ToString();
        Assert.Equal(isSecure, written.StartsWith("__Host-browser=", StringComparison.Ordinal));
        Assert.Equal(isSecure, written.Contains("; secure", StringComparison.Ordinal));
        Assert.Equal(isSecure ? "__Host-identity" : "identity", session.Name);
        Assert.Equal(isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest, session.SecurePolicy);
    }
}
