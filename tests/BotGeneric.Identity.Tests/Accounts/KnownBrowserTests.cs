using BotGeneric.Identity.Accounts.SignIn;
using BotGeneric.Identity.Data;
using BotGeneric.Identity.Tests.Accounts.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class KnownBrowserTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task Of_two_sign_ins_at_once_in_one_browser_none_is_refused()
    {
        var user = await (await Person.RegisterAsync(identity)).ReadAsync();
        await using var first = identity.Services.CreateAsyncScope();
        await using var second = identity.Services.CreateAsyncScope();

        // Both look before either saves.
        await RememberAsync(first);
        await RememberAsync(second);
        await Task.WhenAll(Database(first).SaveChangesAsync(), Database(second).SaveChangesAsync());

        // The one of the registration, and this one.
        Assert.Equal(2, await identity.WithDatabaseAsync(db => db.UserTokens.CountAsync(token => token.UserId == user.Id && token.LoginProvider == "browser")));

        Task<bool> RememberAsync(AsyncServiceScope scope)
        {
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            context.Request.Headers.Cookie = "browser=the-same-one-twice";
            return scope.ServiceProvider.GetRequiredService<KnownBrowsers>().RememberAsync(context, user, CancellationToken.None);
        }
    }

    private static IdentityDbContext Database(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IdentityDbContext>();
}
