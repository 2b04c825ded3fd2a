using System.Globalization;
using BotGeneric.Usage.Queries;
using CsCheck;

namespace BotGeneric.Usage.Tests;

/// <summary>Days and months of time zones, put together from quarters of an hour.</summary>
public sealed class PeriodsTests
{
    [Theory]
    [InlineData("Europe/Kyiv", "2026-03-29", 23)]
    [InlineData("Europe/Kyiv", "2026-10-25", 25)]
    [InlineData("America/New_York", "2026-03-08", 23)]
    [InlineData("America/New_York", "2026-11-01", 25)]
    [InlineData("Asia/Kolkata", "2026-03-29", 24)]
    [InlineData("Asia/Kathmandu", "2026-03-29", 24)]
    [InlineData("UTC", "2026-03-29", 24)]
    public void A_day_is_as_long_as_the_clock_makes_it(string zone, string day, int hours)
    {
        var at = DateOnly.Parse(day, CultureInfo.InvariantCulture);
        var clock = TimeZoneInfo.FindSystemTimeZoneById(zone);

        Assert.Equal(TimeSpan.FromHours(hours), Periods.StartOf(at.AddDays(1), clock) - Periods.StartOf(at, clock));
    }

    [Theory]
    [InlineData("Asia/Kolkata", "2026-01-01T18:30:00Z")]
    [InlineData("Asia/Kathmandu", "2026-01-01T18:15:00Z")]
    [InlineData("Australia/Eucla", "2026-01-01T15:15:00Z")]
    public void Days_of_zones_of_half_and_quarter_hours_begin_at_their_own_midnight(string zone, string start) => Assert.Equal(
        DateTimeOffset.Parse(start, CultureInfo.InvariantCulture), Periods.StartOf(new DateOnly(2026, 1, 2), TimeZoneInfo.FindSystemTimeZoneById(zone)));

    [Fact]
    public void A_day_whose_midnight_is_skipped_begins_when_the_clock_is_put_forward()
    {
        var cairo = TimeZoneInfo.FindSystemTimeZoneById("Africa/Cairo");

        // 2026-04-24: from midnight to one o'clock.
        Assert.Equal(new DateTimeOffset(2026, 4, 23, 22, 0, 0, TimeSpan.Zero), Periods.StartOf(new DateOnly(2026, 4, 24), cairo));
    }

    [Fact]
    public void Hours_go_on_by_the_clock_where_it_is_changed_by_half_an_hour()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");
        var from = new DateTimeOffset(2026, 4, 4, 13, 0, 0, TimeSpan.Zero);

        var starts = Periods.Starts(from, from.AddHours(4), Granularity.Hour, zone, 1)!;

        Assert.All(starts.Skip(1), start => Assert.True(TimeZoneInfo.ConvertTime(start, zone).Minute == 0 || zone.GetUtcOffset(start) != zone.GetUtcOffset(start.AddTicks(-1))));
        Assert.All(starts, start => Assert.True(Periods.IsAligned(start)));
    }

    [Fact]
    public void Months_begin_on_the_anchor_s_day_or_on_the_last_there_is()
    {
        var starts = Periods.Starts(
            new DateTimeOffset(2026, 1, 31, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), Granularity.Month, TimeZoneInfo.Utc, 31)!;

        Assert.Equal(["01-31", "02-28", "03-31", "04-30"], starts.Select(start => start.ToString("MM-dd", CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Too_many_periods_are_refused() => Assert.Null(
        Periods.Starts(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(365), Granularity.QuarterHour, TimeZoneInfo.Utc, 1));

    [Fact]
    public void Every_day_of_a_year_begins_on_that_day_in_every_zone_also_where_the_clock_is_changed_at_midnight()
    {
        var days = Enumerable.Range(0, 366).Select(day => new DateOnly(2023, 1, 1).AddDays(day)).ToArray();

        var wrong = TimeZoneInfo.GetSystemTimeZones()
            .SelectMany(zone => days.Where(day => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Periods.StartOf(day, zone), zone).DateTime) != day).Select(day => $"{zone.Id} {day:O}"));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Periods_of_every_zone_follow_one_another_on_the_boundaries_of_cells()
    {
        var zones = TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id).ToArray();
        Granularity[] granularities = [Granularity.Hour, Granularity.Day, Granularity.Month];
        Gen.Select(Gen.Int[0, zones.Length - 1], Gen.Int[0, 2_000], Gen.Int[1, 80], Gen.Int[0, 2], Gen.Int[1, 31])
            .Sample((zone, day, days, length, anchor) =>
            {
                var from = new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);
                var starts = Periods.Starts(from, from.AddDays(days), granularities[length], TimeZoneInfo.FindSystemTimeZoneById(zones[zone]), anchor);
                return starts is not null && starts.All(Periods.IsAligned) && starts.Zip(starts.Skip(1)).All(pair => pair.First < pair.Second);
            }, iter: 2_000);
    }
}
