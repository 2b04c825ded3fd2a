using System.Net;
using System.Net.Http.Json;
using BotGeneric.Identity.Tests.Support.People;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Identity.Tests;

/// <summary>Every endpoint outside of the API that changes something, those of tomorrow included.</summary>
public sealed class FormProtectionTests(PeopleApplication identity) : IClassFixture<PeopleApplication>
{
    // Those that take requests from elsewhere, and why that is right.
    private static readonly Dictionary<string, string> Open = new()
    {
        ["/connect/authorize"] = "Any application may begin a sign-in here (OpenID Connect Core 3.1.2.1); the decision is looked at with the form's token.",
        ["/connect/endsession"] = "Any application may begin to sign out here; the confirmation is looked at with the form's token.",
        ["/connect/logout"] = "The same under its other name.",
        ["/account/device"] = "The decision is looked at with the form's token; entering a code decides nothing.",
        ["/connect/token"] = "For programs, with credentials of their own.",
        ["/connect/userinfo"] = "For programs, with a token.",
        ["/account/external/apple/callback"] = "Apple's page posts here; what came is sealed and looked at after a GET of ours.",
        ["/account/external/apple/notifications"] = "Apple's servers post here, signed.",
    };

    [Fact]
    public async Task Nothing_is_changed_by_a_request_that_no_page_of_ours_sent()
    {
        var person = await identity.CreatePersonAsync("person", isAdmin: true);
        using var browser = await person.BrowseAsync();
        var forms = Forms().Where(form => !Open.ContainsKey(form.Address)).ToList();

        Assert.True(forms.Count > 55, $"Only {forms.Count} forms were found.");
        var faults = new List<string>();
        foreach (var (address, method, endpoint) in forms)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Filled(address), UriKind.Relative))
            {
                // What a script of ours posts is JSON; another kind would not even find the endpoint.
                Content = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("application/json") == true
                    ? JsonContent.Create(new { })
                    : new FormUrlEncodedContent([new("confirm", "yes")]),
            };
            using var response = await browser.Client.SendAsync(request);
            var problem = response.StatusCode == HttpStatusCode.BadRequest ? await response.Content.ReadFromJsonAsync<ProblemDetails>() : null;
            if (problem?.Type != "urn:botgeneric:problem:stale-form")
            {
                faults.Add($"{method} {address} answered {(int)response.StatusCode} {problem?.Type}: {endpoint.DisplayName}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void What_takes_requests_from_elsewhere_is_named_here_with_the_reason()
    {
        var open = Forms().Where(form => form.Endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: false }).Select(form => form.Address).Distinct();

        Assert.Equal(Open.Keys.Order(StringComparer.Ordinal), open.Order(StringComparer.Ordinal));
    }

    private static string Filled(string address) => address
        .Replace("{id:guid}", Guid.Empty.ToString(), StringComparison.Ordinal)
        .Replace("{userId:guid}", Guid.Empty.ToString(), StringComparison.Ordinal)
        .Replace("{invitationId:guid}", Guid.Empty.ToString(), StringComparison.Ordinal)
        .Replace("{", string.Empty, StringComparison.Ordinal)
        .Replace("}", string.Empty, StringComparison.Ordinal);

    private List<(string Address, string Method, RouteEndpoint Endpoint)> Forms() =>
    [
        .. from endpoint in identity.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let address = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
           where !address.StartsWith("/api/", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
           where method is "POST" or "PUT" or "PATCH" or "DELETE"
           select (address, method, endpoint),
    ];
}
