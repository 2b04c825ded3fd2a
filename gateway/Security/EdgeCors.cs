using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace BotGeneric.Gateway.Security;

/// <summary>Keys under <c>Cors</c>: which other sites' scripts may read the API. None by default.</summary>
public sealed class CorsSettings
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Cors";

    /// <summary>Origins such as <c>https://app.example</c>, or <c>*</c> alone for every site.</summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Whether those sites may use the session cookie. Never together with <c>*</c>.</summary>
    public bool AllowCredentials { get; set; }
}

/// <summary>Cross-origin calls of the API.</summary>
internal static class EdgeCors
{
    internal const string Policy = "edge";

    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromMinutes(10);

    internal static void AddEdgeCors(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<CorsSettings>()
            .BindConfiguration(CorsSettings.SectionName)
            .Validate(
                settings => !(settings.AllowCredentials && settings.Origins.Contains("*")),
                "Cors:AllowCredentials and Cors:Origins '*' together would let every site act as whoever visits it. Name the origins.")
            .Validate(settings => !settings.Origins.Contains("*") || settings.Origins.Count == 1, "Cors:Origins holds '*' beside others. Leave one of the two.")
            .Validate(settings => settings.Origins.All(IsOrigin), "Cors:Origins holds something that is not an origin such as https://app.example.")
            .ValidateOnStart();
        builder.Services.AddCors();
        builder.Services.AddOptions<CorsOptions>().Configure<IOptions<CorsSettings>>((options, settings) => options.AddPolicy(Policy, Build(settings.Value)));
    }

    private static CorsPolicy Build(CorsSettings settings)
    {
        var policy = new CorsPolicyBuilder()
            .AllowAnyMethod()
            .WithHeaders("Authorization", "Content-Type", "Idempotency-Key", "X-Api-Key", "X-CSRF")
            .WithExposedHeaders("RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "Idempotency-Replayed")
            .SetPreflightMaxAge(PreflightLifetime);
        if (settings.Origins.Contains("*"))
        {
            policy.AllowAnyOrigin();
        }
        else
        {
            policy.WithOrigins([.. settings.Origins]);
        }

        return settings.AllowCredentials ? policy.AllowCredentials().Build() : policy.Build();
    }

    private static bool IsOrigin(string text) =>
        text == "*"
        || (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https"
            && text.Equals(uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase));
}
