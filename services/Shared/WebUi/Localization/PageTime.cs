using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace BotGeneric.WebUi.Localization;

/// <summary>The time zone of the person who looks at a page. A host that knows it sets this as a feature of the request.</summary>
/// <param name="Zone">The zone.</param>
public sealed record PageTimeZone(TimeZoneInfo Zone);

/// <summary>Times as the person reads them: in the language of the page and in the person's time zone; in UTC, which is then said, while that is unknown.</summary>
public static class PageTime
{
    /// <summary>A day with its time, short.</summary>
    public const string Moment = "g";

    /// <summary>A day, short.</summary>
    public const string Day = "d";

    /// <summary>A day, in words.</summary>
    public const string LongDay = "D";

    /// <summary>The zone in which times of a request are written.</summary>
    /// <param name="context">The request; null: none, as in UTC.</param>
    public static TimeZoneInfo ZoneOf(HttpContext? context) => context?.Features.Get<PageTimeZone>()?.Zone ?? TimeZoneInfo.Utc;

    /// <summary>Says in which zone the times of a request are to be written.</summary>
    /// <param name="context">The request.</param>
    /// <param name="zone">An IANA time zone; one that this machine does not know counts as UTC.</param>
    public static void SetZone(HttpContext context, string zone)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Features.Set(new PageTimeZone(TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc));
    }

    /// <summary>Writes a time.</summary>
    /// <param name="context">The request.</param>
    /// <param name="at">The time.</param>
    /// <param name="format">One of the formats of this class.</param>
    public static string Write(HttpContext? context, DateTimeOffset at, string format = Moment)
    {
        var zone = ZoneOf(context);
        var text = TimeZoneInfo.ConvertTime(at, zone).ToString(format, CultureInfo.CurrentCulture);
        return format == Moment && zone.HasSameRules(TimeZoneInfo.Utc) ? $"{text} UTC" : text;
    }
}
