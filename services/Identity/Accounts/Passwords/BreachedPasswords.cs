using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.Passwords;

/// <summary>
/// Asks a service with the range interface of Have I Been Pwned whether a password was part of a breach. The service sees the first five
/// of forty characters of a hash and answers with hundreds of candidates, padded so that the size says nothing.
/// </summary>
public sealed partial class BreachedPasswords(HttpClient http, IOptions<PasswordSettings> options, ILogger<BreachedPasswords> logger)
{
    private const int PrefixLength = 5;
    private static readonly Meter Meter = new(PasswordWork.MeterName);
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("identity.passwords.range_failures", "{request}", "The range service did not answer");

    /// <summary>Whether the password is known from a breach. Where no service is configured, or it does not answer, no.</summary>
    /// <param name="password">The password.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> ContainsAsync(string password, CancellationToken cancellationToken)
    {
        if (options.Value.RangeService is not { } service)
        {
            return false;
        }

        // SHA-1 is the interface's choice; nothing is stored.
        var hash = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{service.ToString().TrimEnd('/')}/{hash[..PrefixLength]}");
            request.Headers.Add("Add-Padding", "true");
            using var response = await http.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
            return Holds(await response.Content.ReadAsStringAsync(cancellationToken), hash[PrefixLength..]);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A service elsewhere must not keep people from registering: the list that ships with us was asked.
            Failures.Add(1);
            LogFailure(logger, exception.GetType().Name);
            return false;
        }
    }

    // Lines of "SUFFIX:count"; a padding line counts 0.
    private static bool Holds(string answer, string suffix) => answer
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Any(line => line.StartsWith(suffix, StringComparison.OrdinalIgnoreCase)
            && line.Length > suffix.Length + 1 && line[suffix.Length] == ':' && line.AsSpan(suffix.Length + 1).Trim() is not "0");

    [LoggerMessage(Level = LogLevel.Warning, Message = "The range service for breached passwords did not answer ({Failure}); the password was allowed")]
    private static partial void LogFailure(ILogger logger, string failure);
}
