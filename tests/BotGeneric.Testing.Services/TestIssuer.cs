using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Testing.Services;

/// <summary>
/// The identity service as processes of other services see it: the public key of <see cref="TestTokens"/>, and a token for every API key that the gateway asks
/// about. For tests and benchmarks that run services as processes.
/// </summary>
public sealed class TestIssuer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestIssuer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Where its keys are: <c>Authentication:JwksAddress</c> of a service, whose <c>Authentication:Issuer</c> is <see cref="TestTokens.Issuer"/>.</summary>
    public string JwksAddress => $"{Address}/.well-known/jwks";

    /// <summary>Starts it.</summary>
    /// <param name="forKeys">What the token of an API key says.</param>
    public static async Task<TestIssuer> StartAsync(TestToken? forKeys = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/.well-known/jwks" => context.Response.WriteAsJsonAsync(new { keys = new[] { PublicKey() } }),
            "/connect/token" => context.Response.WriteAsJsonAsync(Answer(forKeys ?? TestToken.Operator)),
            _ => NotFound(context),
        });
        await app.StartAsync();
        return new TestIssuer(app);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static Dictionary<string, string> PublicKey()
    {
        var key = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(TestTokens.SigningKey);
        return new Dictionary<string, string>
        {
            ["kty"] = key.Kty,
            ["crv"] = key.Crv,
            ["x"] = key.X,
            ["y"] = key.Y,
            ["kid"] = TestTokens.SigningKey.KeyId,
            ["use"] = "sig",
            ["alg"] = SecurityAlgorithms.EcdsaSha256,
        };
    }

    private static Dictionary<string, object> Answer(TestToken token) => new()
    {
        ["access_token"] = TestTokens.Issue(token, TimeProvider.System.GetUtcNow()),
        ["expires_in"] = (int)TestTokens.Lifetime.TotalSeconds / 2,
        ["key_id"] = "abcdefgh",
        ["account_id"] = token.Subject,
        ["allowed_networks"] = Array.Empty<string>(),
    };
}
