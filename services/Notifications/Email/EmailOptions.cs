using System.ComponentModel.DataAnnotations;

namespace BotGeneric.Notifications.Email;

/// <summary>Keys under <c>Email</c>: the server that takes messages.</summary>
public sealed class EmailOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Email";

    /// <summary>The server's name; none: e-mail is off.</summary>
    public string? Host { get; set; }

    /// <summary>The server's port.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;
}

internal static class EmailServices
{
    internal static void AddEmail(this WebApplicationBuilder builder) =>
        builder.Services.AddOptions<EmailOptions>()
            .BindConfiguration(EmailOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
