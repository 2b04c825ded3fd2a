using System.ComponentModel.DataAnnotations;
using BotGeneric.Notifications.Security;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Notifications.Email;

/// <summary>Keys under <c>Email</c>: the server that takes messages, and how hard it is tried.</summary>
public sealed class EmailOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Email";

    /// <summary>The server's name. Required in the Production environment; elsewhere, without it, messages wait.</summary>
    public string? Host { get; set; }

    /// <summary>The server's port.</summary>
    [Range(1, 65535, ErrorMessage = "Email:Port must be 1 to 65535.")]
    public int Port { get; set; } = 587;

    /// <summary>How the connection is encrypted.</summary>
    public EmailSecurity Security { get; set; } = EmailSecurity.Auto;

    /// <summary>
    /// A file with certificates (PEM) that may sign the server's, beside the authorities that the machine trusts: for a server with a certificate of
    /// one's own. The name in the certificate must be <see cref="Host"/> all the same.
    /// </summary>
    public string? TrustedCertificates { get; set; }

    /// <summary>The name to sign in with; none: no sign-in.</summary>
    public string? User { get; set; }

    /// <summary>The password to sign in with.</summary>
    public string? Password { get; set; }

    /// <summary>The sender's address, without a name. Required with <see cref="Host"/>.</summary>
    public string? From { get; set; }

    /// <summary>The sender's name; the operator's by default.</summary>
    [MaxLength(100, ErrorMessage = "Email:FromName has more than 100 characters.")]
    public string? FromName { get; set; }

    /// <summary>How long the server may take for one step.</summary>
    [DurationRange("00:00:01", "00:10:00", ErrorMessage = "Email:Timeout must be between 1 second and 10 minutes.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections to the server at the same time, per replica.</summary>
    [Range(1, 50, ErrorMessage = "Email:Concurrency must be 1 to 50.")]
    public int Concurrency { get; set; } = 4;

    /// <summary>The first pause after a failed attempt; it doubles with each, with jitter.</summary>
    [DurationRange("00:00:00.010", "1.00:00:00", ErrorMessage = "Email:RetryDelay must be between 10 milliseconds and 1 day.")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest pause between two attempts.</summary>
    [DurationRange("00:00:00.010", "1.00:00:00", ErrorMessage = "Email:MaxRetryDelay must be between 10 milliseconds and 1 day.")]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a message is tried.</summary>
    [DurationRange("00:00:00.010", "7.00:00:00", ErrorMessage = "Email:GiveUpAfter must be between 10 milliseconds and 7 days.")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long the encrypted content of a failed delivery is kept, so that an admin can have it tried again.</summary>
    [DurationRange("00:00:00.010", "30.00:00:00", ErrorMessage = "Email:KeepFailedFor must be between 10 milliseconds and 30 days.")]
    public TimeSpan KeepFailedFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long the log keeps a delivery that is final.</summary>
    [DurationRange("00:00:01", "3650.00:00:00", ErrorMessage = "Email:LogRetention must be between 1 second and 3650 days.")]
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The longest pause between two looks for what is due.</summary>
    [DurationRange("00:00:00.010", "00:05:00", ErrorMessage = "Email:PollInterval must be between 10 milliseconds and 5 minutes.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether there is a server to send by.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(Host);
}

/// <summary>How the connection to the mail server is encrypted.</summary>
public enum EmailSecurity
{
    /// <summary>TLS from the start on port 465, else STARTTLS where the server offers it. A password is never sent without encryption.</summary>
    Auto,

    /// <summary>No encryption, not even for the password: for a server on the same machine.</summary>
    None,

    /// <summary>STARTTLS; no message without it.</summary>
    StartTls,

    /// <summary>TLS from the start.</summary>
    Tls,
}

internal static class EmailServices
{
    internal static void AddEmail(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmailOptions>()
            .BindConfiguration(EmailOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                options => options.IsConfigured || !builder.Environment.IsProduction(),
                "Email:Host is missing. Set it to the name of the server that takes e-mail.")
            .Validate(
                options => !options.IsConfigured || !string.IsNullOrWhiteSpace(options.From),
                "Email:From is missing. Set it to the address that messages come from.")
            .Validate(
                options => string.IsNullOrWhiteSpace(options.From) || MailAddress.Read(options.From) is not null,
                "Email:From is not an e-mail address. The name beside it goes into Email:FromName.")
            .Validate(
                options => string.IsNullOrEmpty(options.User) == string.IsNullOrEmpty(options.Password),
                "Email:User and Email:Password belong together: set both or none.")
            .Validate(
                options => options.RetryDelay <= options.MaxRetryDelay,
                "Email:RetryDelay is longer than Email:MaxRetryDelay.")
            .Validate(
                options => MailTrust.IsReadable(options.TrustedCertificates),
                "Email:TrustedCertificates is not a file with PEM certificates that this process can read.")
            .ValidateOnStart();
        builder.Services.AddSingleton<MailComposer>();
        builder.Services.AddSingleton<MailServer>();
        builder.Services.AddHealthChecks().AddCheck<EmailHealthCheck>("email", tags: ["ready"]);
    }
}
