using System.Globalization;
using BotGeneric.Gateway.Localization;
using Microsoft.AspNetCore.Components;

namespace BotGeneric.Gateway.Status;

/// <summary>The status document for people.</summary>
public sealed partial class StatusPage : ComponentBase
{
    /// <summary>What to show.</summary>
    [Parameter, EditorRequired]
    public required StatusDocument Status { get; set; }

    private static string Name(ComponentState state) => state.ToString().ToLowerInvariant();

    private static string Css(ComponentState state) => $"state-{Name(state)}";

    private static string Text(ComponentState state) => StatusTexts.Get($"state.{Name(state)}");

    private static string Machine(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static string Human(DateTimeOffset time) => time.UtcDateTime.ToString("d MMMM yyyy, HH:mm:ss", CultureInfo.CurrentCulture) + " UTC";
}
