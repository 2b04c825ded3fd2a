using Microsoft.Extensions.Primitives;

namespace BotGeneric.Simulators.SignIn.Protocol;

/// <summary>The parameters of a request. One that is empty counts as absent, RFC 6749 section 3.1.</summary>
internal sealed class OAuthParameters
{
    private const int MaximumFormBytes = 64 * 1024;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private OAuthParameters(IEnumerable<KeyValuePair<string, StringValues>> pairs)
    {
        foreach (var (name, values) in pairs)
        {
            if (values.Count > 1)
            {
                Repeated ??= name;
            }

            if (values.ToString() is { Length: > 0 } value)
            {
                _values[name] = value;
            }
        }
    }

    /// <summary>A parameter that was sent more than once, which RFC 6749 section 3.1 forbids.</summary>
    internal string? Repeated { get; }

    internal string? this[string name] => _values.GetValueOrDefault(name);

    internal static OAuthParameters OfQuery(HttpRequest request) => new(request.Query);

    /// <summary>Reads the form; null when the body is none or too large.</summary>
    internal static async Task<OAuthParameters?> OfFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || request.ContentLength > MaximumFormBytes)
        {
            return null;
        }

        try
        {
            return new OAuthParameters(await request.ReadFormAsync(cancellationToken));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    internal string[] Words(string name) => this[name]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
