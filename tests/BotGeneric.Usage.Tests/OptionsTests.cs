using System.ComponentModel.DataAnnotations;
using BotGeneric.Usage.Ingest;

namespace BotGeneric.Usage.Tests;

public sealed class OptionsTests
{
    [Theory]
    [InlineData(31)]
    [InlineData(60)]
    public void A_dedupe_window_shorter_than_32_days_or_longer_than_the_partitions_that_are_looked_into_is_refused(int days)
    {
        var options = new UsageOptions { DedupeWindow = TimeSpan.FromDays(days) };

        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
    }
}
