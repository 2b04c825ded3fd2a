using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Links;

/// <summary>The ways in through other providers.</summary>
public sealed partial class LinksPage : ComponentBase
{
    /// <summary>What the page shows.</summary>
    [Parameter, EditorRequired]
    public required LinksModel Model { get; set; }

    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    private string? Day(DateTimeOffset? at) => at is { } time ? PageTime.Write(HttpContext, time, PageTime.Day) : null;
}

/// <summary>What <see cref="LinksPage"/> shows.</summary>
/// <param name="Rows">A row for each provider that is configured or linked.</param>
/// <param name="OffersChat">Whether the bot can be connected.</param>
/// <param name="Notice">What was done a moment ago: <c>linked</c>, <c>unlinked</c> or <c>merged</c>; null: nothing.</param>
/// <param name="NoticeProvider">With which provider.</param>
public sealed record LinksModel(IReadOnlyList<LinkRow> Rows, bool OffersChat, string? Notice, string? NoticeProvider);

/// <summary>A provider.</summary>
/// <param name="Provider">Its key.</param>
/// <param name="ProviderName">What it is called.</param>
/// <param name="IsLinked">Whether an identity there is linked.</param>
/// <param name="IsOffered">Whether one can be.</param>
/// <param name="Description">How to recognise the identity; empty when the provider said nothing.</param>
/// <param name="IsRelay">Whether the address is one of Apple's relays.</param>
/// <param name="LinkedAt">When it was linked, UTC.</param>
/// <param name="LastUsedAt">When it was used last, UTC.</param>
public sealed record LinkRow(
    string Provider, string ProviderName, bool IsLinked, bool IsOffered, string Description, bool IsRelay, DateTimeOffset? LinkedAt, DateTimeOffset? LastUsedAt);
