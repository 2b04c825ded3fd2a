using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>Keys under <c>Authentication</c>.</summary>
public sealed class ApiAuthenticationOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Authentication";

    /// <summary>
    /// A key that acts as the operator, for a system without an identity service. At least 20 characters. A process in the
    /// Production environment refuses to start with it.
    /// </summary>
    [MinLength(20)]
    public string? DevelopmentApiKey { get; set; }
}

/// <summary>Names of policies and roles.</summary>
public static class ApiPolicies
{
    /// <summary>The policy of endpoints under <c>/api/admin</c>.</summary>
    public const string Admin = "admin";

    /// <summary>The role of those who run the system.</summary>
    public const string AdminRole = "admin";
}

/// <summary>
/// Who is calling. Every endpoint demands an authenticated caller unless it says <c>AllowAnonymous</c>, so that a forgotten
/// attribute closes a door instead of opening one.
/// </summary>
internal static class ApiAuthentication
{
    internal const string Scheme = "ApiKey";

    internal static void AddApiAuthentication(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ApiAuthenticationOptions>()
            .BindConfiguration(ApiAuthenticationOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                options => options.DevelopmentApiKey is null || !builder.Environment.IsProduction(),
                "Authentication:DevelopmentApiKey is set in the Production environment. Remove it: it would let anybody who knows it act as the operator.")
            .ValidateOnStart();

        builder.Services
            .AddAuthentication(Scheme)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(Scheme, configureOptions: null);
        builder.Services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(ApiPolicies.Admin, policy => policy.RequireRole(ApiPolicies.AdminRole));
    }
}

/// <summary>Accepts <c>Authorization: Bearer &lt;key&gt;</c> or <c>X-Api-Key: &lt;key&gt;</c>.</summary>
internal sealed class ApiKeyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IOptions<ApiAuthenticationOptions> keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    private AuthenticateResult Authenticate()
    {
        if (SentKey() is not { Length: > 0 } sent)
        {
            return AuthenticateResult.NoResult();
        }

        if (keys.Value.DevelopmentApiKey is not { } expected || !AreEqual(sent, expected))
        {
            return AuthenticateResult.Fail("The key is not valid.");
        }

        var identity = new ClaimsIdentity(
            [new Claim("sub", "development"), new Claim("role", ApiPolicies.AdminRole)], Scheme.Name, nameType: "sub", roleType: "role");
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    private string? SentKey()
    {
        var authorization = Request.Headers[HeaderNames.Authorization].ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? authorization[Bearer.Length..].Trim()
            : Request.Headers["X-Api-Key"].ToString();
    }

    // Hashing first makes both sides equally long, so that the comparison says nothing about the length either.
    private static bool AreEqual(string sent, string expected) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(sent)), SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
}
