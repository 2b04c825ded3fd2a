using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class DurationRangeTests
{
    [Theory]
    [InlineData("00:00:00.999", false)]
    [InlineData("00:00:01", true)]
    [InlineData("1.00:00:00", true)]
    [InlineData("1.00:00:00.001", false)]
    [InlineData("-00:00:02", false)]
    public void A_duration_lies_between_its_limits(string value, bool isValid) =>
        Assert.Equal(isValid, new DurationRangeAttribute("00:00:01", "1.00:00:00").IsValid(TimeSpan.Parse(value, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void No_duration_is_no_error_and_something_else_is_one()
    {
        var range = new DurationRangeAttribute("00:00:01", "1.00:00:00");

        Assert.True(range.IsValid(null));
        Assert.False(range.IsValid("00:00:05"));
    }

    [Fact]
    public void The_error_names_the_key_and_the_limits_or_says_what_it_was_told()
    {
        Assert.Equal("The field Timeout must be between 00:00:01 and 1.00:00:00.", Error(new Settings { Timeout = TimeSpan.Zero }));
        Assert.Equal("Pause must be short.", Error(new Settings { Pause = TimeSpan.FromDays(1) }));
    }

    [Theory]
    [InlineData("a second", "00:00:02", typeof(FormatException))]
    [InlineData("00:00:02", "00:00:01", typeof(ArgumentException))]
    public void Limits_that_make_no_sense_are_refused(string minimum, string maximum, Type exception) =>
        Assert.Throws(exception, () => new DurationRangeAttribute(minimum, maximum));

    [Fact]
    public void Two_hosts_may_ask_at_once()
    {
        var range = new DurationRangeAttribute("00:00:01", "1.00:00:00");

        Parallel.For(0, 1_000, number => Assert.Equal(number > 0, range.IsValid(TimeSpan.FromSeconds(number))));
    }

    private static string? Error(Settings settings)
    {
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(settings, new ValidationContext(settings), errors, validateAllProperties: true);
        return Assert.Single(errors).ErrorMessage;
    }

    private sealed class Settings
    {
        [DurationRange("00:00:01", "1.00:00:00")]
        public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

        [DurationRange("00:00:01", "00:00:02", ErrorMessage = "Pause must be short.")]
        public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);
    }
}
