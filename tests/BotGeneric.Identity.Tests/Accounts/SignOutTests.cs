using System.Net;
using BotGeneric.Identity.Tests.Support.People;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests.Accounts;

public sealed class SignOutTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    [Fact]
    public async Task Every_page_on_which_somebody_is_signed_in_has_a_way_out()
    {
        var (admin, person) = (await identity.CreatePersonAsync("admin", isAdmin: true), await identity.CreatePersonAsync("person"));
        using var browser = await admin.BrowseAsync();
        var policies = identity.Services.GetRequiredService<IAuthorizationPolicyProvider>();
        var seen = new List<string>();
        foreach (var endpoint in identity.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var policy = await AuthorizationPolicy.CombineAsync(policies, endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>());
            if (policy?.AuthenticationSchemes is not ["session"] || endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") != true)
            {
                continue;
            }

            var address = endpoint.RoutePattern.RawText!.Replace("{id:guid}", person.Id.ToString(), StringComparison.Ordinal).Replace("{clientId}", "gateway", StringComparison.Ordinal);
            using var page = await browser.GetAsync(address);
            if (page.StatusCode == HttpStatusCode.OK && page.Content.Headers.ContentType?.MediaType == "text/html" && page.Content.Headers.ContentDisposition is null)
            {
                seen.Add(address);
                Assert.True((await page.Content.ReadAsStringAsync()).Contains("action=\"/account/sign-out\"", StringComparison.Ordinal), $"{address} has no way out.");
            }
        }

        Assert.True(seen.Count > 15, $"Only {string.Join(", ", seen)} were found.");
    }
}
