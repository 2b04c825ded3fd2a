using System.ComponentModel.DataAnnotations;

namespace BotGeneric.Simulators.Paddle;

/// <summary>Keys under <c>Paddle</c>.</summary>
public sealed class PaddleSimulatorOptions
{
    /// <summary>The configuration section. Without it the simulated Paddle is off.</summary>
    public const string SectionName = "Paddle";

    /// <summary>The secret of the notification destination.</summary>
    [Required]
    public string WebhookSecret { get; set; } = string.Empty;

    /// <summary>The notification destination.</summary>
    [Required]
    public Uri? WebhookUrl { get; set; }
}
