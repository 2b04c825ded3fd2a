using System.Net;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Tests.Accounts.Support;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Tests.Accounts;

/// <summary>A password is reset while somebody who knows the old one is being let in.</summary>
public sealed class PasswordRaceTests(PasswordRaceTests.SlowApplication identity) : IClassFixture<PasswordRaceTests.SlowApplication>
{
    private const string NewPassword = "eleven quiet lanterns";

    [Fact]
    public async Task A_sign_in_under_way_does_not_survive_a_reset()
    {
        var person = await Person.RegisterAsync(identity);
        using var intruder = identity.OpenBrowser();

        using var answer = await WhileResetAsync(person, () => person.SignInAsync(intruder));

        Assert.Equal("/login?notice=again", answer.Headers.Location?.OriginalString);
        Assert.False(await person.IsSignedInAsync(intruder));
        var userId = (await person.ReadAsync()).Id;
        Assert.Equal(1, await identity.WithDatabaseAsync(db => db.Sessions.CountAsync(session => session.UserId == userId && session.RevokedAt == null)));
    }

    [Fact]
    public async Task Renewing_a_weak_hash_does_not_bring_the_old_password_back()
    {
        var person = await Person.RegisterAsync(identity);
        var weak = new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 10 })).HashPassword(new User(), person.Password);
        await identity.WithDatabaseAsync(db => db.Users.Where(user => user.Email == person.Email)
            .ExecuteUpdateAsync(update => update.SetProperty(user => user.PasswordHash, weak)));
        using var intruder = identity.OpenBrowser();

        (await WhileResetAsync(person, () => person.SignInAsync(intruder))).Dispose();

        Assert.False(await person.IsSignedInAsync(intruder));
        using var old = await person.SignInAsync(identity.OpenBrowser());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, old.StatusCode);
        using var right = await person.SignInAsync(identity.OpenBrowser(), NewPassword);
        Assert.Equal("/account", right.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Changing_the_password_does_not_overtake_a_reset()
    {
        var person = await Person.RegisterAsync(identity);
        using var intruder = identity.OpenBrowser();
        (await person.SignInAsync(intruder)).Dispose();
        var form = new Browser.Form(await intruder.ReadAsync("/account/security/password"), "/account/security/password");

        using var answer = await WhileResetAsync(
            person, () => intruder.SubmitAsync(form, ("currentPassword", person.Password), ("newPassword", "an intruder's password")));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        using var right = await person.SignInAsync(identity.OpenBrowser(), NewPassword);
        Assert.Equal("/account", right.Headers.Location?.OriginalString);
    }

    // The intruder's password has been found right, and goes no further until the owner has another one.
    private async Task<HttpResponseMessage> WhileResetAsync(Person person, Func<Task<HttpResponseMessage>> act)
    {
        using (var asking = identity.OpenBrowser())
        {
            using var asked = await asking.SubmitAsync("/login/forgot", null, ("email", person.Email));
        }

        var link = Person.Link(await identity.Mail.WaitForAsync(person.Email, NotificationTemplates.ResetPassword));
        identity.HoldBack();
        var intrusion = Task.Run(act);
        try
        {
            await Eventually.EqualAsync(true, () => Task.FromResult(identity.IsHeldBack), "the password to be checked");
            using var owner = identity.OpenBrowser();
            using var reset = await owner.SubmitAsync(link, "/login/reset", ("password", NewPassword));
            Assert.Equal("/account", reset.Headers.Location?.OriginalString);
        }
        finally
        {
            identity.LetGo();
        }

        return await intrusion;
    }

    public sealed class SlowApplication : AccountsApplication, IPasswordHasher<User>
    {
        private readonly ManualResetEventSlim _gate = new(true);
        private readonly PasswordHasher<User> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 1000 }));
        private volatile bool _isHeldBack;

        public bool IsHeldBack => _isHeldBack;

        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
        {
            ["Passwords:Concurrency"] = "4",
        };

        public void HoldBack() => _gate.Reset();

        public void LetGo()
        {
            _gate.Set();
            _isHeldBack = false;
        }

        public string HashPassword(User user, string password) => _hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
        {
            var result = _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
            _isHeldBack = !_gate.IsSet;
            _gate.Wait();
            return result;
        }

        protected override void ConfigureServices(IServiceCollection services)
        {
            base.ConfigureServices(services);
            services.AddSingleton<IPasswordHasher<User>>(this);
        }
    }
}
