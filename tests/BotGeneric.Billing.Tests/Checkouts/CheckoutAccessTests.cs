using System.Net;
using BotGeneric.Billing.Domain;
using BotGeneric.Billing.Tests.Shop;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;

namespace BotGeneric.Billing.Tests.Checkouts;

public sealed class CheckoutAccessTests(ShopApplication application) : IClassFixture<ShopApplication>
{
    private const string Path = "/api/subscriptions/checkout";
    private readonly Guid _person = Guid.CreateVersion7();

    [Theory]
    [InlineData("owner", HttpStatusCode.Created)]
    [InlineData("admin", HttpStatusCode.Created)]
    [InlineData("billing", HttpStatusCode.Created)]
    [InlineData("member", HttpStatusCode.Forbidden)]
    public async Task In_an_organization_some_may_buy(string role, HttpStatusCode expected)
    {
        var organization = Guid.CreateVersion7();

        await ShopApplication.PostAsync(application.Buyer(_person, organization, role), Path, new { planCode = "pro" }, expected);

        Assert.Equal(expected == HttpStatusCode.Created ? 1 : 0, await OpenAsync(organization));
        Assert.Equal(0, await OpenAsync(_person));
    }

    [Fact]
    public async Task Somebody_elses_checkout_is_not_there()
    {
        var checkout = await ShopApplication.BeginAsync(application.Buyer(_person));
        var path = $"{Path}/{checkout.GetProperty("id").GetGuid()}";

        Assert.Equal(HttpStatusCode.NotFound, (await application.Buyer(Guid.CreateVersion7()).GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await application.Buyer(_person, Guid.CreateVersion7(), "owner").GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Whoever_acts_in_a_persons_name_cannot_buy()
    {
        var admin = application.CreateClientWith(new TestToken
        {
            Subject = _person.ToString(),
            Scopes = [ApiScopes.BillingRead, ApiScopes.BillingWrite],
            Actor = Guid.CreateVersion7().ToString(),
        });

        await ShopApplication.PostAsync(admin, Path, new { planCode = "pro" }, HttpStatusCode.Forbidden);
    }

    private Task<int> OpenAsync(Guid account) =>
        application.WithDbAsync(db => db.Checkouts.CountAsync(row => row.AccountId == account && row.Status == CheckoutStatus.Open));
}
