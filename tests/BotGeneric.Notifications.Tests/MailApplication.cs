extern alias simulators;

using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Messaging;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>Notifications with a mail server, both in this process; pauses are short, and the clock can be moved.</summary>
public class MailApplication : ServiceApplication<Program>, IAsyncLifetime
{
    public const string Origin = "https://bot.example.com";

    private readonly SmtpServer _server;
    private readonly int _port;

    public MailApplication() : base("notifications")
    {
        var options = Options.Create(new SmtpSimulatorOptions
        {
            Port = StartsMailServer ? 0 : FreePorts.Take(),
            Encryption = Encryption,
            User = "mailer",
            Password = "correct horse",
            MaximumBytes = 200_000,
        });
        _port = options.Value.Port;
        Inbox = new SmtpInbox(options);
        _server = new SmtpServer(options, Inbox, Scenarios, TimeProvider.System, NullLogger<SmtpServer>.Instance);
    }

    /// <summary>What the mail server has accepted.</summary>
    public SmtpInbox Inbox { get; }

    public SmtpScenarios Scenarios { get; } = new();

    public MovableClock Clock { get; } = new();

    /// <summary>Everything that was logged, at every level.</summary>
    public LogCapture Logs { get; } = new();

    public int SmtpPort => StartsMailServer ? _server.Port : _port;

    /// <summary>What the mail server shows who asks for encryption.</summary>
    public X509Certificate2? Certificate => _server.Certificate;

    /// <summary>What the mail server says about encryption.</summary>
    protected virtual SmtpEncryption Encryption => SmtpEncryption.None;

    /// <summary>Whether the mail server is there from the start.</summary>
    protected virtual bool StartsMailServer => true;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Email:Host"] = "localhost",
        ["Email:Port"] = $"{SmtpPort}",
        ["Email:Security"] = "none",
        ["Email:User"] = "mailer",
        ["Email:Password"] = "correct horse",
        ["Email:From"] = "no-reply@bot.example.com",
        ["Email:RetryDelay"] = "00:00:00.050",
        ["Email:MaxRetryDelay"] = "00:00:00.200",
        ["Email:PollInterval"] = "00:00:00.200",
        ["Operator:Name"] = "Tom & Jerry",
        ["Operator:SupportEmail"] = "help@bot.example.com",
        ["Operator:PublicUrl"] = Origin,
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:Console:LogLevel:Default"] = "None",
    };

    async Task IAsyncLifetime.InitializeAsync()
    {
        if (StartsMailServer)
        {
            await StartMailServerAsync();
        }

        await InitializeAsync();
        CreateClient().Dispose();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await Database.DisposeAsync();
        await _server.DisposeAsync();
        await ReleaseAsync();
    }

    public Task StartMailServerAsync() => _server.StartAsync(CancellationToken.None);

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<ILoggerProvider>(Logs);
    }

    /// <summary>Takes a request as the consumer does: in one transaction.</summary>
    public Task RequestAsync(NotificationRequested request) => RequestAsync(Services, request);

    public static async Task RequestAsync(IServiceProvider services, NotificationRequested request)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<NotificationsDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await ActivatorUtilities.CreateInstance<NotificationRequestedHandler>(scope.ServiceProvider).HandleAsync(request, db, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    public async Task<Delivery?> FindAsync(Guid eventId)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Deliveries.AsNoTracking()
            .SingleOrDefaultAsync(delivery => delivery.EventId == eventId);
    }

    /// <summary>Waits until a delivery is in a state.</summary>
    public async Task<Delivery> BecomesAsync(NotificationRequested request, DeliveryState state) => (await Eventually.GetAsync(
        () => FindAsync(request.EventId), delivery => delivery?.State == state, $"the delivery to be {state}"))!;

    public async Task<int> CountSuppressionsAsync(string maskedAddress)
    {
        await using var scope = Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Suppressions.CountAsync(row => row.MaskedAddress == maskedAddress);
    }

    public async Task ExecuteAsync(FormattableString sql)
    {
        await using var scope = Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<NotificationsDbContext>().Database.ExecuteSqlAsync(sql);
    }
}

/// <summary>The system's clock, which a test can move on. Timers run as ever.</summary>
public sealed class MovableClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}

/// <summary>Keeps every log line with its exception.</summary>
public sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Capture(categoryName, _lines);

    public void Dispose()
    {
    }

    private sealed class Capture(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}

/// <summary>Requests to send.</summary>
public static class Some
{
    private const string Link = MailApplication.Origin + "/account/verify?code=secret-1";

    /// <summary>Values that fill a template.</summary>
    public static Dictionary<string, string> Values(string template) => template switch
    {
        NotificationTemplates.VerifyEmail or NotificationTemplates.ConfirmNewEmail => new() { ["link"] = Link, ["hours"] = "24" },
        NotificationTemplates.AlreadyRegistered => new() { ["signInLink"] = MailApplication.Origin + "/login", ["resetLink"] = MailApplication.Origin + "/account/forgot" },
        NotificationTemplates.ResetPassword => new() { ["link"] = Link, ["minutes"] = "60" },
        NotificationTemplates.PasswordChanged => new() { ["when"] = "2026-11-22T18:11:05Z" },
        NotificationTemplates.EmailChanged => new() { ["when"] = "2026-11-22T18:11:05.123+02:00", ["newAddress"] = "b•••@example.com" },
        NotificationTemplates.SecurityChanged => new() { ["what"] = "passkey", ["change"] = "added", ["when"] = "2026-11-22T18:11:05Z" },
        NotificationTemplates.NewSignIn => new() { ["device"] = "Firefox, Linux", ["when"] = "2026-11-22T18:11:05Z", ["sessionsLink"] = MailApplication.Origin + "/account/sessions" },
        NotificationTemplates.OrganizationInvitation => new() { ["organization"] = "Acme", ["inviter"] = "Anna", ["role"] = "admin", ["link"] = Link, ["days"] = "7" },
        NotificationTemplates.DeletionScheduled => new() { ["when"] = "2026-12-22", ["cancelLink"] = Link },
        NotificationTemplates.ApiKeyCreated => new() { ["name"] = "CI", ["when"] = "2026-11-22T18:11:05Z" },
        NotificationTemplates.AccountsMerged or NotificationTemplates.AccountAbsorbed => new() { ["when"] = "2026-11-22T18:11:05Z" },
        _ => throw new ArgumentOutOfRangeException(nameof(template), template, "A new template needs values here."),
    };

    /// <summary>A request to an address that no other test uses.</summary>
    public static NotificationRequested Request(
        string localPart = "anna", string template = NotificationTemplates.VerifyEmail, string language = "en", DateTimeOffset? expiresAt = null,
        string? address = null) => new()
        {
            EventId = Guid.CreateVersion7(),
            OccurredAt = TimeProvider.System.GetUtcNow(),
            Template = template,
            Address = address ?? $"{localPart}+{Guid.CreateVersion7():N}@example.com",
            UserId = Guid.CreateVersion7(),
            Language = language,
            Values = Values(template),
            ExpiresAt = expiresAt,
        };
}
