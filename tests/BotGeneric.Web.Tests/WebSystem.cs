using BotGeneric.Testing;
using Microsoft.Playwright;

namespace BotGeneric.Web.Tests;

/// <summary>The whole application on free ports and a real browser before it, started once for all tests of this project.</summary>
public sealed class WebSystem : IAsyncLifetime
{
    public const string Collection = "The system in a browser";

    private AppHostProcess? _application;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public AppHostProcess Application => _application!;

    /// <summary>The origin under which people reach the system. By its name: cookies and passkeys belong to a name.</summary>
    public Uri Origin => new UriBuilder(Application.Gateway) { Host = "localhost" }.Uri;

    public async Task InitializeAsync()
    {
        _application = await AppHostProcess.StartAsync(new AppHostProcessOptions
        {
            Environment = new Dictionary<string, string>(AppHostProcessOptions.WithoutEdgeLimits)
            {
                // What is signed may wait for a while on a busy machine; Paddle would deliver it again much later.
                ["Paddle__SignatureTolerance"] = "00:05:00",
            },
        });
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium(),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_application is not null)
        {
            await _application.DisposeAsync();
        }
    }

    private static string Chromium() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Append("/usr/bin")
            .SelectMany(folder => new[] { Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser") })
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("Chromium is missing. Install it: apt-get install chromium");

    /// <summary>A person's browser, in a language.</summary>
    /// <param name="language">Two letters.</param>
    /// <param name="state">What another browser remembers, from <see cref="IBrowserContext.StorageStateAsync"/>; null: nothing yet.</param>
    /// <param name="width">How wide the window is, in CSS pixels.</param>
    public async Task<IPage> OpenBrowserAsync(string language = "en", string? state = null, int width = 1280)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            Locale = language,
            BaseURL = Origin.AbsoluteUri,
            StorageState = state,
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
        });
        // Eight processes on two processors: patience is no measure of speed.
        context.SetDefaultTimeout(60_000);
        return await context.NewPageAsync();
    }

    /// <summary>The browser of the first admin, who is signed in, also at the gateway.</summary>
    public async Task<IPage> OpenAdminBrowserAsync()
    {
        var parameters = Application.State.Parameters;
        var page = await OpenBrowserAsync();
        await page.GotoAsync("/session/login?returnUrl=%2Faccount");
        await page.FillAsync("[name=email]", parameters["development-admin-email"]);
        await page.FillAsync("[name=password]", parameters["development-admin-password"]);
        await page.ClickAsync("form[action='/login'] button");
        await page.ArriveAsync(url => url.EndsWith("/account", StringComparison.Ordinal));
        return page;
    }
}

[CollectionDefinition(WebSystem.Collection)]
public sealed class WebSystemCollection : ICollectionFixture<WebSystem>;
