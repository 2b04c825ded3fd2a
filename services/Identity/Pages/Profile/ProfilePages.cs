using BotGeneric.Identity.Accounts.Profile;
using BotGeneric.Identity.Pages.Shared;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.Profile;

/// <summary>The profile page.</summary>
/// <param name="Values">What stands in the fields.</param>
/// <param name="Errors">What is wrong, by the field's name.</param>
/// <param name="Notice">What was done just now.</param>
public sealed record ProfileModel(ProfileValues Values, IReadOnlyDictionary<string, string> Errors, string? Notice = null);

/// <summary><c>/account</c>.</summary>
internal static class ProfilePages
{
    private const string Path = "/account";

    public static void MapProfilePages(this RouteGroupBuilder pages)
    {
        var group = pages.MapSignedIn();
        group.MapGet(Path, ShowAsync);
        group.MapPost(Path, ChangeAsync);
    }

    private static async Task<RazorComponentResult> ShowAsync(HttpContext context, string? notice = null)
    {
        var user = (await context.SignedInAsync()).User;
        return PageEndpoints.Page<ProfilePage, ProfileModel>(new ProfileModel(
            new ProfileValues(user.DisplayName, user.AvatarUrl, user.Language, user.TimeZone), new Dictionary<string, string>(),
            notice == "saved" ? ProfileTexts.Get("saved") : null));
    }

    private static async Task<PageResult> ChangeAsync(
        [FromForm] string? displayName, [FromForm] string? avatarUrl, [FromForm] string? language, [FromForm] string? timeZone, ProfileService profiles,
        HttpContext context, CancellationToken cancellationToken)
    {
        var values = new ProfileValues(displayName, avatarUrl, language ?? string.Empty, timeZone?.Trim() ?? string.Empty);
        var faults = ProfileRules.Check(values);
        if (faults.Count > 0)
        {
            return PageEndpoints.Page<ProfilePage, ProfileModel>(
                new ProfileModel(values, faults.ToDictionary(FieldOf, fault => ProfileTexts.Get($"error.{FieldOf(fault)}"))),
                StatusCodes.Status422UnprocessableEntity);
        }

        await profiles.ChangeAsync((await context.SignedInAsync()).User, values, cancellationToken);
        // The redirect sets the cookie by which pages choose their language.
        return TypedResults.LocalRedirect($"{Path}?notice=saved&{PageLanguage.ChoiceParameter}={values.Language}");
    }

    internal static string FieldOf(ProfileFault fault) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(fault.ToString());
}
