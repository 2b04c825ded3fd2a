using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using BotGeneric.Contracts.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>
/// Identity as the gateway sees it: a real HTTP server with a key of its own, strict where Identity is. Whoever comes to authorize is
/// signed in as <see cref="Subject"/> at once. A refresh token works once.
/// </summary>
public sealed partial class FakeIdentity : IAsyncDisposable
{
    public const string ClientSecret = "secret-of-the-gateway-for-tests";

    private readonly WebApplication _app;
    private readonly ECDsaSecurityKey _key = new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString("N") };
    private readonly ConcurrentDictionary<string, Dictionary<string, string>> _pushed = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, string>> _codes = new();
    private readonly ConcurrentDictionary<string, (string Subject, string Session)> _refreshTokens = new();

    private FakeIdentity(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public string JwksAddress => Address + "/.well-known/jwks";

    public string Issuer { get; init; } = "http://bot.test/";

    public Guid Subject { get; set; } = Guid.CreateVersion7();

    public string? Role { get; set; }

    /// <summary>The scopes of sessions and keys.</summary>
    public string Scope { get; set; } = ApiScopes.BillingRead;

    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What a key is exchanged for; a key that is not here is none.</summary>
    public ConcurrentDictionary<string, FakeKey> Keys { get; } = new();

    public int Refreshes => _refreshes;

    public int Exchanges => _exchanges;

    /// <summary>Refresh tokens that came a second time.</summary>
    public int Reuses => _reuses;

    /// <summary>Sessions by id that were issued.</summary>
    public ConcurrentQueue<Guid> Sessions { get; } = new();

    public ConcurrentQueue<string> Revoked { get; } = new();

    /// <summary>What requests to the token endpoint wait for.</summary>
    public Func<Task>? BeforeToken { get; set; }

    /// <summary>Answers the token endpoint in its place, when set.</summary>
    public int? TokenStatus { get; set; }

    /// <summary>Whether sign-ins were ended: refresh tokens are refused.</summary>
    public bool RefusesRefresh { get; set; }

    private int _refreshes;
    private int _exchanges;
    private int _reuses;

    public static async Task<FakeIdentity> StartAsync(string issuer = "http://bot.test/")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var identity = new FakeIdentity(app) { Issuer = issuer };
        app.Run(identity.AnswerAsync);
        await app.StartAsync();
        return identity;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>An access token as Identity would issue it.</summary>
    public string AccessToken(params Claim[] claims) => AccessToken(Issuer, claims);

    /// <summary>An access token as an Identity of another public origin would issue it.</summary>
    public string AccessToken(string issuer, params Claim[] claims) => Token("at+jwt", ["identity", "billing"], TokenLifetime, claims, issuer);

    /// <summary>A signed token of any kind.</summary>
    public string Token(string type, string[] audiences, TimeSpan lifetime, IEnumerable<Claim> claims, string? issuer = null, DateTime? issuedAt = null, IDictionary<string, object>? more = null)
    {
        var now = issuedAt ?? TimeProvider.System.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Issuer,
            TokenType = type,
            Subject = new ClaimsIdentity(claims),
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.EcdsaSha256),
            Claims = more,
        };
        foreach (var audience in audiences)
        {
            descriptor.Audiences.Add(audience);
        }

        return new JsonWebTokenHandler().CreateToken(descriptor);
    }

    private Task AnswerAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/health" => context.Response.WriteAsync("""{"status":"healthy","checks":{}}"""),
        "/.well-known/jwks" => JwksAsync(context),
        "/connect/par" => PushAsync(context),
        "/connect/authorize" => AuthorizeAsync(context),
        "/connect/token" => TokenAsync(context),
        "/connect/revoke" => RevokeAsync(context),
        { } path when path.EndsWith("/select", StringComparison.Ordinal) => SelectAsync(context),
        _ => context.Response.WriteAsync("identity"),
    };

    private Task JwksAsync(HttpContext context)
    {
        var parameters = _key.ECDsa.ExportParameters(includePrivateParameters: false);
        return context.Response.WriteAsJsonAsync(new
        {
            keys = new[]
            {
                new
                {
                    kty = "EC", use = "sig", alg = "ES256", crv = "P-256", kid = _key.KeyId,
                    x = Base64UrlEncoder.Encode(parameters.Q.X), y = Base64UrlEncoder.Encode(parameters.Q.Y),
                },
            },
        });
    }

    /// <summary>What was asked for behind an address of the authorization endpoint that the browser has not followed yet.</summary>
    public IReadOnlyDictionary<string, string> Asked(Uri authorization)
    {
        ArgumentNullException.ThrowIfNull(authorization);
        return _pushed[QueryHelpers.ParseQuery(authorization.Query)["request_uri"].ToString()];
    }

    private async Task PushAsync(HttpContext context)
    {
        var form = await FormAsync(context);
        if (!IsClient(form))
        {
            await ErrorAsync(context, 401, "invalid_client");
            return;
        }

        var uri = $"urn:ietf:params:oauth:request_uri:{Guid.NewGuid():N}";
        _pushed[uri] = form;
        context.Response.StatusCode = 201;
        await context.Response.WriteAsJsonAsync(new { request_uri = uri, expires_in = 60 });
    }

    private Task AuthorizeAsync(HttpContext context)
    {
        if (!_pushed.TryRemove(context.Request.Query["request_uri"].ToString(), out var request)
            || request.GetValueOrDefault("code_challenge_method") != "S256" || request.GetValueOrDefault("response_type") != "code")
        {
            return ErrorAsync(context, 400, "invalid_request");
        }

        var code = Guid.NewGuid().ToString("N");
        _codes[code] = request;
        context.Response.Redirect(QueryHelpers.AddQueryString(
            request["redirect_uri"], new Dictionary<string, string?> { ["code"] = code, ["state"] = request["state"], ["iss"] = Issuer }));
        return Task.CompletedTask;
    }

    private async Task RevokeAsync(HttpContext context)
    {
        var form = await FormAsync(context);
        Revoked.Enqueue(form["token"]);
        _refreshTokens.TryRemove(form["token"], out _);
    }

    private static bool IsClient(Dictionary<string, string> form) =>
        form.GetValueOrDefault("client_id") == "gateway" && form.GetValueOrDefault("client_secret") == ClientSecret;

    private static async Task<Dictionary<string, string>> FormAsync(HttpContext context) =>
        (await context.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString());

    private static Task ErrorAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error });
    }
}
