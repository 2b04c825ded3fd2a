using System.Globalization;
using System.Net;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.OpenId;
using BotGeneric.Identity.Tests.Support;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace BotGeneric.Identity.Tests.External;

/// <summary>Tests that share one application, one after the other: they put its clock forward.</summary>
[CollectionDefinition(Name)]
public sealed class ExternalCollection : ICollectionFixture<ExternalApplication>
{
    public const string Name = "external sign-in";
}

/// <summary>Identity with three providers and a bot.</summary>
public sealed class ExternalApplication : IdentityApplication
{
    public const string BotToken = "7000000001:bot-token-for-tests-only-0123456789";

    private BrokerTap<UserRegistered>? _registered;
    private BrokerTap<IdentityLinked>? _linked;
    private BrokerTap<IdentityUnlinked>? _unlinked;

    public ExternalApplication() => Providers = new FakeProviders(Clock);

    public TestClock Clock { get; } = new();

    public FakeProviders Providers { get; }

    public IReadOnlyCollection<UserRegistered> Registered => _registered!.Events;

    public IReadOnlyCollection<IdentityLinked> Linked => _linked!.Events;

    public IReadOnlyCollection<IdentityUnlinked> Unlinked => _unlinked!.Events;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["External:Google:Authority"] = Providers.Google.Issuer,
        ["External:Google:ClientId"] = Providers.Google.ClientId,
        ["External:Google:ClientSecret"] = Providers.Google.ClientSecret,
        ["External:Apple:Authority"] = Providers.Apple.Issuer,
        ["External:Apple:ClientId"] = Providers.Apple.ClientId,
        ["External:Apple:TeamId"] = "TEAM123456",
        ["External:Apple:KeyId"] = "KEY1234567",
        ["External:Apple:PrivateKey"] = Providers.Apple.AppleKey.ExportPkcs8PrivateKeyPem().Replace("\n", "\\n", StringComparison.Ordinal),
        ["External:Telegram:Authority"] = Providers.Telegram.Issuer,
        ["External:Telegram:ClientId"] = Providers.Telegram.ClientId,
        ["External:Telegram:ClientSecret"] = Providers.Telegram.ClientSecret,
        ["External:Telegram:BotToken"] = BotToken,
        ["External:Telegram:BotUserName"] = "test_bot",
        ["External:Telegram:ChatUrl"] = "http://chats.example:8123/telegram/",
    };

    /// <summary>Sends the browser to a provider.</summary>
    public static async Task<Uri> StartAsync(Browser browser, string provider, string query = "")
    {
        using var response = await browser.GetAsync($"/login/external/{provider}{query}");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return response.Headers.Location!;
    }

    /// <summary>Sends the browser back from a provider, by a form and the redirect after it in Apple's case.</summary>
    public static async Task<HttpResponseMessage> ReturnAsync(Browser browser, ProviderReply reply)
    {
        if (!reply.Address.Contains("/apple/", StringComparison.Ordinal))
        {
            return await browser.GetAsync(reply.Query);
        }

        using var form = new FormUrlEncodedContent(reply.Values);
        using var posted = await browser.Client.PostAsync(new Uri(reply.Address), form);
        Assert.Equal(HttpStatusCode.SeeOther, posted.StatusCode);
        return await browser.GetAsync(posted.Headers.Location!.OriginalString);
    }

    /// <summary>Signs a person in through a provider.</summary>
    public async Task<HttpResponseMessage> SignInAsync(Browser browser, string provider, FakePerson person, string query = "") =>
        await ReturnAsync(browser, Providers[provider].Approve(await StartAsync(browser, provider, query), person));

    /// <summary>Opens a browser in which a person is signed in through a provider.</summary>
    public async Task<Browser> SignedInAsync(string provider, FakePerson person)
    {
        var browser = OpenBrowser();
        using var response = await SignInAsync(browser, provider, person);
        Assert.Equal("/account", response.Headers.Location?.OriginalString);
        return browser;
    }

    /// <summary>Begins a link on the page, and follows the page that answers.</summary>
    public static async Task<Uri> StartLinkAsync(Browser browser, string provider)
    {
        using var response = await browser.SubmitAsync("/account/links", $"/account/links/{provider}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var refresh = Assert.Single(response.Headers.GetValues("Refresh"));
        return new Uri(refresh["0; url=".Length..]);
    }

    /// <summary>Links an identity in a browser that is signed in.</summary>
    public async Task<HttpResponseMessage> LinkAsync(Browser browser, string provider, FakePerson person) =>
        await ReturnAsync(browser, Providers[provider].Approve(await StartLinkAsync(browser, provider), person));

    public Task<ExternalIdentity?> FindAsync(string provider, string subject) => WithDatabaseAsync(db => db.ExternalIdentities.AsNoTracking()
        .SingleOrDefaultAsync(identity => identity.Provider == provider && identity.Subject == subject));

    public Task<ExternalIdentity?> FindTelegramAsync(long id) => WithDatabaseAsync(db => db.ExternalIdentities.AsNoTracking()
        .SingleOrDefaultAsync(identity => identity.ProviderUserId == id.ToString(CultureInfo.InvariantCulture)));

    public Task<User> UserAsync(Guid id) => WithDatabaseAsync(db => db.Users.AsNoTracking().SingleAsync(user => user.Id == id));

    public async Task<User> UserOfAsync(string provider, FakePerson person) => await UserAsync((await FindAsync(provider, person.Subject))!.UserId);

    /// <summary>An account with an address, as a registration makes it, whose person can sign in through Telegram.</summary>
    public async Task<(User User, FakePerson Telegram)> AddAccountAsync(string email, string? passwordHash = null)
    {
        var user = User.Create(Clock.GetUtcNow(), "ru", email);
        user.NormalizedUserName = user.UserName!.ToUpperInvariant();
        user.NormalizedEmail = email.ToUpperInvariant();
        user.PasswordHash = passwordHash;
        var person = FakePerson.OfTelegram();
        await WithDatabaseAsync(db =>
        {
            db.Users.Add(user);
            db.ExternalIdentities.Add(ExternalIdentity.Link(
                user.Id, "telegram", person.Subject, person.TelegramId!.Value.ToString(CultureInfo.InvariantCulture), Clock.GetUtcNow()));
            return db.SaveChangesAsync();
        });
        return (user, person);
    }

    public static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    protected override void ConfigureServices(IServiceCollection services)
    {
        base.ConfigureServices(services);
        services.AddSingleton<TimeProvider>(Clock);
        // A provider that is away is asked again as often as ever, and sooner.
        services.ConfigureAll<HttpStandardResilienceOptions>(options => options.Retry.Delay = TimeSpan.FromMilliseconds(1));
        services.AddHttpClient(ProviderBackchannel.ClientName).ConfigurePrimaryHttpMessageHandler(() => Providers);
    }

    protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        _registered = await BrokerTap<UserRegistered>.OpenAsync();
        _linked = await BrokerTap<IdentityLinked>.OpenAsync();
        _unlinked = await BrokerTap<IdentityUnlinked>.OpenAsync();
    }

    protected override async Task ReleaseAsync()
    {
        await base.ReleaseAsync();
        await _registered!.DisposeAsync();
        await _linked!.DisposeAsync();
        await _unlinked!.DisposeAsync();
    }
}
