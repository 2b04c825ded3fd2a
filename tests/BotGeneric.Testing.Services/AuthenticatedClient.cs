using System.Net.Http.Headers;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace BotGeneric.Testing.Services;

/// <summary>Sends each request with a token that is fresh by the service's own clock, so that a test may move the clock as it likes.</summary>
/// <param name="token">What the token says.</param>
/// <param name="timeProvider">The service's clock.</param>
public sealed class TokenHandler(TestToken token, TimeProvider timeProvider) : DelegatingHandler
{
    /// <inheritdoc />
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(token, timeProvider.GetUtcNow()));
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>Makes a service accept the tokens of tests.</summary>
public static class TestTokenServices
{
    /// <summary>
    /// Replaces where the issuer's keys come from, and nothing else: every rule of validation is the service's own. The service must be configured with
    /// <see cref="TestTokens.Issuer"/>.
    /// </summary>
    /// <param name="services">The service's registrations.</param>
    public static void AcceptTestTokens(this IServiceCollection services) => services.AddSingleton<ISigningKeySource>(new Source());

    private sealed class Source : ISigningKeySource
    {
        public Task<IReadOnlyCollection<SecurityKey>> LoadAsync(CancellationToken cancellationToken) => Task.FromResult(TestTokens.Keys);
    }
}
