using System.Net;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class BusyTests(BusyTests.BusyApplication identity) : IClassFixture<BusyTests.BusyApplication>
{
    [Fact]
    public async Task A_crowd_at_the_door_is_told_to_come_back()
    {
        using var browser = identity.OpenBrowser();
        var form = new Browser.Form(await browser.ReadAsync("/login"), "/login");
        identity.Gate.Reset();
        var first = Task.Run(() => browser.SubmitAsync(form, ("email", "a@example.com"), ("password", "whatever it is")));
        await BotGeneric.Testing.Eventually.EqualAsync(true, () => Task.FromResult(identity.IsWorking), "the first to be worked on");

        using var busy = await browser.SubmitAsync(form, ("email", "b@example.com"), ("password", "whatever it is"));
        identity.Gate.Set();
        (await first).Dispose();

        Assert.Equal(HttpStatusCode.TooManyRequests, busy.StatusCode);
        Assert.Equal(5, busy.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Contains("Your password was not checked", await busy.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    public sealed class BusyApplication : AccountsApplication, IPasswordHasher<User>
    {
        private volatile bool _isWorking;

        public ManualResetEventSlim Gate { get; } = new(true);

        public bool IsWorking => _isWorking;

        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
        {
            ["Passwords:Concurrency"] = "1",
            ["Passwords:MaximumWait"] = "00:00:00.100",
        };

        public string HashPassword(User user, string password) => "hash";

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            _isWorking = true;
            Gate.Wait();
            return PasswordVerificationResult.Failed;
        }

        protected override void ConfigureServices(IServiceCollection services)
        {
            base.ConfigureServices(services);
            services.AddSingleton<IPasswordHasher<User>>(this);
        }
    }
}
