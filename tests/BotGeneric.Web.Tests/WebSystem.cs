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
        _application = await AppHostProcess.StartAsync();
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

    /// <summary>A person's browser: no cookies yet, in a language.</summary>
    public async Task<IPage> OpenBrowserAsync(string language = "en")
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions { Locale = language, BaseURL = Origin.AbsoluteUri });
        // Eight processes on two processors: patience is no measure of speed.
        context.SetDefaultTimeout(60_000);
        return await context.NewPageAsync();
    }
}

[CollectionDefinition(WebSystem.Collection)]
public sealed class WebSystemCollection : ICollectionFixture<WebSystem>;
