using System.Globalization;
using System.Text.Json.Nodes;
using BotGeneric.Billing.Api;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Payments;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Mirror;

/// <summary>A payment that credit has lowered has only part of its tax in it: what others are told, and what was earned.</summary>
public sealed class PaidTaxTests(MirrorApplication application) : IClassFixture<MirrorApplication>
{
    private readonly string _prefix = $"tax{Guid.CreateVersion7().ToString("N")[^10..]}x";

    [Theory]
    [InlineData("201", "2.01")]
    [InlineData(null, "2.00")]
    public async Task The_tax_of_a_renewal_that_credit_has_lowered_is_the_tax_in_what_was_paid(string? said, string expected)
    {
        var tax = decimal.Parse(expected, CultureInfo.InvariantCulture);
        var before = await RevenueAsync();
        var story = PaddleStory.Tell(
            _prefix, PaddleStory.OrdinarySeed, [(StoryStep.Renew, 0)], [BillingApplication.References.Create(Guid.CreateVersion7(), Guid.CreateVersion7())]);
        var renewal = JsonNode.Parse(story.Events[^1].Body)!["data"]!["id"]!.GetValue<string>();
        await application.StoreAsync(story.Events.Select(told => told with { Body = Lower(told.Body, renewal, said) }));
        await application.ApplyAsync();

        var told = Assert.Single(await application.InDatabaseAsync(db => Picture.PaymentsAsync(db, _prefix)), payment => payment.TransactionId == renewal);
        Assert.Equal((12m, tax), (told.Amount, told.Tax));
        var after = await RevenueAsync();
        Assert.Equal((30m + 12m, tax, 30m + 12m - tax), (after.Gross - before.Gross, after.Tax - before.Tax, after.Net - before.Net));
    }

    [Theory]
    [InlineData(500, 3000, 3000, 500)]
    [InlineData(500, 3000, 0, 0)]
    [InlineData(1, 3, 2, 1)]
    [InlineData(1, 2, 1, 1)]
    [InlineData(0, 0, 0, 0)]
    [InlineData(-479, -3000, -1500, -240)]
    [InlineData(long.MaxValue / 2, long.MaxValue, long.MaxValue, long.MaxValue / 2)]
    public void As_much_of_the_tax_is_paid_as_of_the_total(long tax, long total, long paid, long expected) =>
        Assert.Equal(expected, TransactionTotals.ShareOfTax(tax, total, paid));

    private static string Lower(string body, string transaction, string? said)
    {
        var envelope = JsonNode.Parse(body)!;
        var data = envelope["data"]!;
        if (data["id"]!.GetValue<string>() != transaction)
        {
            return body;
        }

        var totals = data["details"]!["totals"]!;
        (totals["subtotal"], totals["tax"], totals["total"], totals["credit"], totals["grand_total"]) = ("2500", "500", "3000", "1800", "1200");
        if (said is not null)
        {
            totals["grand_total_tax"] = said;
        }

        return envelope.ToJsonString();
    }

    private async Task<(decimal Gross, decimal Tax, decimal Net)> RevenueAsync()
    {
        await using var scope = application.Services.CreateAsyncScope();
        var report = await scope.ServiceProvider.GetRequiredService<Revenue>().ReadAsync(
            new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero), CancellationToken.None);
        decimal Sum(Func<MonthlyRevenue, string> amount) =>
            report.Items.Where(month => month.Currency == "USD").Sum(month => decimal.Parse(amount(month), CultureInfo.InvariantCulture));
        return (Sum(month => month.Gross), Sum(month => month.Tax), Sum(month => month.Net));
    }
}
