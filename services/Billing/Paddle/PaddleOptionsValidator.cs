using BotGeneric.Billing.Paddle.Client;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Paddle;

/// <summary>Refuses to start with settings that would take rehearsals for money or send a key to the wrong place.</summary>
/// <param name="host">Where the service runs.</param>
internal sealed class PaddleOptionsValidator(IHostEnvironment host) : IValidateOptions<PaddleOptions>
{
    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, PaddleOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = Failures(options, options.EnvironmentIn(host.IsProduction())).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    // No message repeats a key or a secret: they end up in logs.
    private IEnumerable<string> Failures(PaddleOptions options, PaddleEnvironment environment)
    {
        if (options.WebhookSecrets.Count == 0 || options.WebhookSecrets.Any(string.IsNullOrWhiteSpace))
        {
            yield return "Paddle:WebhookSecrets is missing or empty. Set Paddle:WebhookSecrets:0 to the secret of the notification destination in Paddle.";
        }

        if (host.IsProduction() && environment == PaddleEnvironment.Sandbox && !options.AllowSandboxInProduction)
        {
            yield return "Paddle:Environment is sandbox in Production: what costs nothing there would be given away here. "
                + "Set it to live, or Paddle:AllowSandboxInProduction to true for a system without paying customers.";
        }

        if (options.ApiKey is { Length: > 0 } key && KeyFailure(key, environment) is { } keyFailure)
        {
            yield return keyFailure;
        }

        if (options.ApiUrl is { } url && UrlFailure(url, environment) is { } urlFailure)
        {
            yield return urlFailure;
        }
    }

    private static string? KeyFailure(string key, PaddleEnvironment environment)
    {
        if (key.StartsWith(PaddleEndpoints.KeyPrefixOf(environment), StringComparison.Ordinal))
        {
            return key.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 ? null : "Paddle:ApiKey holds white space or another character that no key has.";
        }

        var other = environment == PaddleEnvironment.Live ? PaddleEnvironment.Sandbox : PaddleEnvironment.Live;
        return key.StartsWith(PaddleEndpoints.KeyPrefixOf(other), StringComparison.Ordinal)
            ? $"Paddle:ApiKey is a key of {PaddleEndpoints.NameOf(other)}, and Paddle:Environment is {PaddleEndpoints.NameOf(environment)}. Change one of them."
            : $"Paddle:ApiKey does not begin with {PaddleEndpoints.KeyPrefixOf(environment)}, as a key of {PaddleEndpoints.NameOf(environment)} does. Create one in Paddle under Developer tools > Authentication.";
    }

    private string? UrlFailure(Uri url, PaddleEnvironment environment)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0)
        {
            return "Paddle:ApiUrl must be an absolute http or https address without user and query.";
        }

        if (PaddleEndpoints.Find(url) is not { } official)
        {
            return host.IsProduction()
                ? "Paddle:ApiUrl is none of Paddle's addresses, which only serves development. Remove it in Production."
                : null;
        }

        return official == environment
            ? null
            : $"Paddle:ApiUrl is the address of {PaddleEndpoints.NameOf(official)}, and Paddle:Environment is {PaddleEndpoints.NameOf(environment)}. Change one of them.";
    }
}
