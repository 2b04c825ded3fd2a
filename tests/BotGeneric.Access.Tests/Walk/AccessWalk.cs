using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>
/// Goes over every endpoint of a running service and collects what is wrong, instead of stopping at the first: so that its own test can look at
/// what it finds.
/// </summary>
/// <param name="service">The service's name, which is its audience.</param>
/// <param name="services">The service's own services.</param>
/// <param name="client">A client without a token.</param>
internal sealed class AccessWalk(string service, IServiceProvider services, HttpClient client)
{
    private readonly List<string> _findings = [];

    /// <summary>What is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>Looks at every endpoint that there is, whether the document knows it or not.</summary>
    /// <param name="open">The endpoints that may be open, with the reason.</param>
    public async Task LookAtEndpointsAsync(IReadOnlyDictionary<string, string> open)
    {
        var documented = (await OperationsAsync()).Select(operation => operation.Name).ToHashSet(StringComparer.Ordinal);
        var policies = services.GetRequiredService<IAuthorizationPolicyProvider>();
        var met = new HashSet<string>(StringComparer.Ordinal);
        foreach (var endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                // A file that a page refers to; there is one endpoint for each.
                if (endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null && !open.ContainsKey(pattern))
                {
                    _findings.Add($"{pattern} is open, and nobody has listed it as open.");
                }

                met.Add(pattern);
                continue;
            }

            if (OpenEndpoints.WithoutScope.ContainsKey(pattern))
            {
                continue;
            }

            var policy = await AuthorizationPolicy.CombineAsync(
                policies, endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>(), endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>());
            if (PageWalk.IsPage(policy))
            {
                continue;
            }

            Judge(pattern, policy?.Requirements ?? []);
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            {
                if (!documented.Contains($"{method} {Documented(pattern)}"))
                {
                    _findings.Add($"{method} {pattern} is not in the document, so nobody walks over it.");
                }
            }
        }

        _findings.AddRange(open.Keys.Where(pattern => !met.Contains(pattern)).Select(pattern => $"{pattern} is listed as open and is not there."));
    }

    /// <summary>Calls every operation with every credential that is not good for it, and with one that is.</summary>
    /// <param name="open">The endpoints that may be open.</param>
    public async Task TryCredentialsAsync(IReadOnlyDictionary<string, string> open)
    {
        foreach (var operation in await OperationsAsync())
        {
            if (operation.Scopes is not { } scopes)
            {
                if (!open.Keys.Any(pattern => operation.Name.EndsWith($" {Documented(pattern)}", StringComparison.Ordinal)))
                {
                    _findings.Add($"{operation.Name} says that it is open, and nobody has listed it as open.");
                }

                continue;
            }

            foreach (var (kind, credential) in BadCredentials())
            {
                await ExpectAsync(operation, kind, credential, HttpStatusCode.Unauthorized);
            }

            var person = new TestToken { Scopes = [.. ApiScopes.All] };
            if (OpenEndpoints.CallerOf(operation.Path) is { } process)
            {
                await ExpectAsync(operation, "a person's token with every scope", person, HttpStatusCode.Forbidden);
                await ExpectAsync(operation, "the token of those who run the system", TestToken.Operator, HttpStatusCode.Forbidden);
                var service = new TestToken { Subject = process, ClientId = process };
                await ExpectAsync(operation, "its service without the scope", service, HttpStatusCode.Forbidden);
                await ExpectAsync(operation, "another service", service with { Subject = "other", ClientId = "other", Scopes = scopes }, HttpStatusCode.Forbidden);
                await ExpectGoodAsync(operation, "its service", service with { Scopes = scopes });
                continue;
            }

            await ExpectAsync(operation, "a token without scopes", person with { Scopes = [] }, HttpStatusCode.Forbidden);
            await ExpectAsync(
                operation, "a token with every scope but its own", TestToken.Operator with { Scopes = [.. ApiScopes.All.Except(scopes)] }, HttpStatusCode.Forbidden);
            await ExpectGoodAsync(operation, "the token of those who run the system", TestToken.Operator);
            if (!operation.IsRead && !OpenEndpoints.WhileImpersonating.ContainsKey(operation.Name))
            {
                await ExpectAsync(
                    operation, "an admin who acts in the person's name",
                    TestToken.Operator with { Subject = Guid.CreateVersion7().ToString(), Actor = TestTokens.OperatorId.ToString() }, HttpStatusCode.Forbidden);
            }

            if (operation.IsAdmin)
            {
                await ExpectAsync(operation, "a person's token with every scope", person, HttpStatusCode.Forbidden);
                await ExpectAsync(
                    operation, "the owner of an organization", person with { Organization = Guid.CreateVersion7(), OrganizationRole = "admin" }, HttpStatusCode.Forbidden);
            }
            else
            {
                await ExpectGoodAsync(operation, "a person's token with the scopes that the document names", person with { Scopes = scopes });
            }
        }
    }

    /// <summary>Calls every operation as a stranger about somebody's account.</summary>
    /// <param name="probe">Whose data there is, and how to recognize it.</param>
    /// <param name="stranger">Who calls.</param>
    public async Task TryAsStrangerAsync(Probe probe, TestToken stranger)
    {
        foreach (var operation in await OperationsAsync())
        {
            using var response = await SendAsync(operation, stranger, probe.Account, probe.Trace, probe.Body(operation, probe.Account), probe.Ids);
            var answer = await response.Content.ReadAsStringAsync();
            if (operation.Scopes is not null && (operation.NamesAnAccount || operation.LeadsTo(probe.Ids)) && response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Forbidden))
            {
                _findings.Add($"{operation.Name} answered {(int)response.StatusCode} to a stranger who named the account or a thing of it.");
            }

            if (answer.Contains(probe.Marker, StringComparison.OrdinalIgnoreCase)
                || (response.IsSuccessStatusCode && answer.Contains(probe.Account.ToString(), StringComparison.OrdinalIgnoreCase)))
            {
                _findings.Add($"{operation.Name} shows a stranger what belongs to another account.");
            }
        }
    }

    /// <summary>Reads everything as the owner: that the data is there to be found, and that no stranger has written into it.</summary>
    /// <param name="probe">Whose data there is.</param>
    /// <param name="owner">The owner's token.</param>
    public async Task ReadAsOwnerAsync(Probe probe, TestToken owner)
    {
        var isFound = false;
        foreach (var operation in (await OperationsAsync()).Where(operation => operation is { IsRead: true, Scopes: not null } && (probe.IsForOperators || !operation.IsAdmin)))
        {
            using var response = await SendAsync(operation, owner, probe.Account, "owner", body: null, probe.Ids);
            var answer = await response.Content.ReadAsStringAsync();
            isFound |= answer.Contains(probe.Marker, StringComparison.OrdinalIgnoreCase);
            if (answer.Contains(probe.Trace, StringComparison.Ordinal))
            {
                _findings.Add($"{operation.Name} shows the owner what a stranger has written into the account.");
            }
        }

        if (!isFound)
        {
            _findings.Add("No operation shows the owner the data of the account: the walk proves nothing.");
        }
    }

    /// <summary>What the owner can read of the things, to be compared later.</summary>
    /// <param name="probe">Whose data there is.</param>
    /// <param name="owner">The owner's token.</param>
    /// <returns>The answers by operation.</returns>
    public async Task<IReadOnlyDictionary<string, string>> RecordAsync(Probe probe, TestToken owner)
    {
        var answers = new Dictionary<string, string>();
        foreach (var operation in (await OperationsAsync()).Where(operation => operation is { IsRead: true, Scopes: not null, IsAdmin: false }))
        {
            // An export is itself part of the next export's history.
            if (!operation.Path.EndsWith("/export", StringComparison.Ordinal))
            {
                using var response = await SendAsync(operation, owner, probe.Account, "owner", body: null, probe.Ids);
                // A refusal names its own trace.
                answers[operation.Name] = response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : $"{(int)response.StatusCode}";
            }
        }

        return answers;
    }

    // What a route calls {id:guid} and ends with a slash, the document calls {id} and ends without.
    private static string Documented(string pattern)
    {
        var path = System.Text.RegularExpressions.Regex.Replace(pattern, @"\{\*{0,2}(\w+)[^}]*\}", "{$1}");
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    private void Judge(string pattern, IReadOnlyList<IAuthorizationRequirement> requirements)
    {
        if (!requirements.OfType<ScopeRequirement>().Any())
        {
            _findings.Add($"{pattern} demands no scope.");
        }

        var isForAdmins = requirements.OfType<RolesAuthorizationRequirement>().Any(requirement => requirement.AllowedRoles.Contains(ApiPolicies.AdminRole));
        if (pattern.StartsWith("/api/admin", StringComparison.OrdinalIgnoreCase) && !isForAdmins)
        {
            _findings.Add($"{pattern} is under /api/admin and not for those who run the system.");
        }

        foreach (var foreign in requirements.OfType<ScopeRequirement>().Where(requirement => !ApiScopes.AudiencesOf(requirement.Scope).Contains(service)))
        {
            _findings.Add($"{pattern} demands the scope {foreign.Scope}, which no token for {service} can have.");
        }
    }

    private IEnumerable<(string Kind, TestToken? Token)> BadCredentials()
    {
        var good = TestToken.Operator;
        yield return ("no token", null);
        yield return ("an expired token", good with { Lifetime = TimeSpan.FromMinutes(-1) });
        yield return ("a forged token", good with { Key = TestTokens.ForgersKey });
        yield return ("a token of an unknown key", good with { Key = TestTokens.CreateKey("unknown") });
        yield return ("a token of another issuer", good with { Issuer = "https://elsewhere.test/" });
        yield return ("a token for all other services", good with { Audiences = [.. TestTokens.Services.Where(name => name != service), "gateway"] });
        yield return ("an unsigned token", good with { Signing = null });
        yield return ("a token of the type JWT", good with { Type = "JWT" });
        yield return ("a token of another algorithm", good with { Key = TestTokens.RsaKey, Signing = SecurityAlgorithms.RsaSha384 });
    }

    private async Task ExpectAsync(Operation operation, string kind, TestToken? token, HttpStatusCode status)
    {
        using var response = await SendAsync(operation, token, Guid.CreateVersion7(), "walk", body: null);
        if (response.StatusCode != status)
        {
            _findings.Add($"{operation.Name} answered {(int)response.StatusCode} instead of {(int)status} to {kind}.");
        }
        else if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            _findings.Add($"{operation.Name} answered {kind} with something else than problem details.");
        }
    }

    private async Task ExpectGoodAsync(Operation operation, string kind, TestToken token)
    {
        using var response = await SendAsync(operation, token, Guid.TryParse(token.Subject, out var id) ? id : Guid.Empty, "walk", body: null);
        // RFC 9470: the token is good, the person has to confirm who it is first.
        var mustConfirm = response.StatusCode == HttpStatusCode.Unauthorized
            && response.Headers.WwwAuthenticate.Any(challenge => challenge.Parameter?.Contains("insufficient_user_authentication", StringComparison.Ordinal) == true);
        if (mustConfirm)
        {
            return;
        }

        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError)
        {
            _findings.Add($"{operation.Name} answered {(int)response.StatusCode} to {kind}.");
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        Operation operation, TestToken? token, Guid account, string text, string? body, IReadOnlyDictionary<string, string>? ids = null)
    {
        using var request = operation.CreateRequest(account, text, body, ids);
        if (token is not null)
        {
            var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(token, now));
        }

        return await client.SendAsync(request);
    }

    private async Task<IReadOnlyList<Operation>> OperationsAsync()
    {
        using var response = await client.GetAsync("/openapi/v1.json");
        // Pages have no document; all their endpoints are looked at.
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }

        response.EnsureSuccessStatusCode();
        return Operation.Of(JsonElement.Parse(await response.Content.ReadAsByteArrayAsync()));
    }
}
