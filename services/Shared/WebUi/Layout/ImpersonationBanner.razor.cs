using System.Globalization;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.WebUi.Layout;

/// <summary>Somebody acts in another person's name. A host that knows it sets this as a feature of the request; the document of every page then shows it.</summary>
/// <param name="Person">In whose name, as people know that person.</param>
/// <param name="Admin">Who acts.</param>
/// <param name="EndsAt">When it ends at the latest, UTC.</param>
/// <param name="EndAddress">Where the form posts that ends it: a path of this host, which checks the form's token.</param>
public sealed record ImpersonationNotice(string Person, string Admin, DateTimeOffset EndsAt, string EndAddress);

/// <summary>Says on every page that somebody acts in another person's name, and how to stop.</summary>
public sealed partial class ImpersonationBanner : ComponentBase
{
    [CascadingParameter]
    private HttpContext? HttpContext { get; set; }

    private static string Words(ImpersonationNotice notice) => string.Format(
        CultureInfo.CurrentCulture, SharedTexts.Get("impersonation.text"), notice.Person, notice.Admin,
        notice.EndsAt.UtcDateTime.ToString("t", CultureInfo.CurrentCulture));
}
