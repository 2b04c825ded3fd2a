using System.ComponentModel.DataAnnotations;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>Keys under <c>Clients</c>: the secrets of the system's own clients. Each is registered, and kept up to date, when its secret is there.</summary>
public sealed class ClientOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Clients";

    /// <summary>The gateway, with which browsers sign in and keys are checked.</summary>
    public ClientSecret Gateway { get; set; } = new();

    /// <summary>The bot, which acts for those who write to it.</summary>
    public ClientSecret Telegram { get; set; } = new();

    /// <summary>The agents, which act for those they answer.</summary>
    public ClientSecret Agents { get; set; } = new();
}

/// <summary>The secret of a client.</summary>
public sealed class ClientSecret
{
    /// <summary>The shortest secret: it is stored under a fast hash, so it must be long and random.</summary>
    public const int MinimumLength = 32;

    /// <summary>The secret; null: the client is not registered. At least 32 characters.</summary>
    [MinLength(MinimumLength, ErrorMessage = "The secret of a client must have at least 32 characters. Generate it, for example with 'openssl rand -base64 36'.")]
    public string? Secret { get; set; }
}
