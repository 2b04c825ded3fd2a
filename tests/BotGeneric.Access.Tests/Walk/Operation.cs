using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;

namespace BotGeneric.Access.Tests.Walk;

/// <summary>One operation of a service's OpenAPI document, and requests that fit it.</summary>
/// <param name="document">The whole document.</param>
/// <param name="path">The path template.</param>
/// <param name="method">The method, in capitals.</param>
/// <param name="json">The operation.</param>
internal sealed class Operation(JsonElement document, string path, string method, JsonElement json)
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete", "head", "options"];
    private static readonly string[] AccountNames = ["account", "accountId", "organization", "organizationId", "userId", "user", "subject", "owner"];

    /// <summary>The path template: <c>/api/keys/{id}</c>.</summary>
    public string Path => path;

    /// <summary>For messages: <c>GET /api/usage/history</c>.</summary>
    public string Name => $"{method} {path}";

    /// <summary>Whether it only reads.</summary>
    public bool IsRead => method == "GET";

    /// <summary>The scopes it says that it demands; null when it says that it is open.</summary>
    public IReadOnlyList<string>? Scopes { get; } = json.TryGetProperty("security", out var security)
        ? [.. security.EnumerateArray().SelectMany(scheme => scheme.EnumerateObject()).SelectMany(scheme => scheme.Value.EnumerateArray()).Select(scope => scope.GetString()!)]
        : null;

    /// <summary>Whether it is for those who run the system.</summary>
    public bool IsAdmin => Scopes?.Contains(ApiScopes.Admin) == true || path.Contains("/admin/", StringComparison.Ordinal);

    /// <summary>Whether a caller can name whose data he means.</summary>
    public bool NamesAnAccount => Parameters().Any(parameter => IsAccount(parameter.GetProperty("name").GetString()!));

    /// <summary>The parameters of the query, each with its schema.</summary>
    public IEnumerable<(string Name, JsonElement Schema)> QueryParameters => Parameters()
        .Where(parameter => parameter.GetProperty("in").GetString() == "query")
        .Select(parameter => (parameter.GetProperty("name").GetString()!, Resolved(parameter.GetProperty("schema"))));

    /// <summary>A body of JSON that fits the schema; null when the operation takes none.</summary>
    /// <param name="account">What stands wherever an account can be named.</param>
    /// <param name="text">What free texts hold.</param>
    public string? JsonBody(Guid account, string text) =>
        json.TryGetProperty("requestBody", out var described)
        && described.GetProperty("content").EnumerateObject().FirstOrDefault(type => type.Name.EndsWith("json", StringComparison.Ordinal)) is { Name: not null } media
            ? Sample(media, account, text)
            : null;

    /// <summary>The id of a thing that there is, for a parameter of the path.</summary>
    /// <param name="ids">The things: the path template up to and with the parameter, and the id.</param>
    /// <param name="name">The parameter.</param>
    /// <returns>The id; null when nothing is known there.</returns>
    public string? IdFor(IReadOnlyDictionary<string, string> ids, string name) =>
        path.IndexOf($"{{{name}}}", StringComparison.Ordinal) is >= 0 and var at ? ids.GetValueOrDefault(path[..(at + name.Length + 2)]) : null;

    /// <summary>Whether the path leads to one of these things.</summary>
    /// <param name="ids">The things.</param>
    public bool LeadsTo(IReadOnlyDictionary<string, string> ids) => Parameters().Any(parameter => IdFor(ids, parameter.GetProperty("name").GetString()!) is not null);

    /// <summary>Every operation of a document.</summary>
    public static IReadOnlyList<Operation> Of(JsonElement document) =>
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           where Methods.Contains(operation.Name)
           select new Operation(document, path.Name, operation.Name.ToUpperInvariant(), operation.Value),
    ];

    /// <summary>A request with plausible values, about an account wherever one can be named.</summary>
    /// <param name="account">The account.</param>
    /// <param name="text">What free texts hold.</param>
    /// <param name="body">A body to send instead of one made from the schema.</param>
    /// <param name="ids">Things that there are, for the path: see <see cref="IdFor"/>; others are things that there are not.</param>
    public HttpRequestMessage CreateRequest(Guid account, string text, string? body = null, IReadOnlyDictionary<string, string>? ids = null)
    {
        var address = path;
        var query = new List<string>();
        foreach (var parameter in Parameters())
        {
            var name = parameter.GetProperty("name").GetString()!;
            var place = parameter.GetProperty("in").GetString();
            var isRequired = parameter.TryGetProperty("required", out var required) && required.GetBoolean();
            if (place == "path")
            {
                address = address.Replace($"{{{name}}}", (ids is null ? null : IdFor(ids, name)) ?? Value(name, parameter, account, text), StringComparison.Ordinal);
            }
            else if (place == "query" && (isRequired || IsAccount(name)))
            {
                query.Add($"{name}={Value(name, parameter, account, text)}");
            }
        }

        var request = new HttpRequestMessage(new HttpMethod(method), query.Count == 0 ? address : $"{address}?{string.Join('&', query)}");
        if (json.TryGetProperty("requestBody", out var described) && described.TryGetProperty("content", out var content))
        {
            var media = content.EnumerateObject().OrderByDescending(type => type.Name == "application/json").First();
            request.Content = new StringContent(body ?? Sample(media, account, text), Encoding.UTF8, media.Name);
        }

        return request;
    }

    private JsonElement Resolved(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? SampleValue.Resolve(document, reference.GetString()!)
        : schema;

    private static bool IsAccount(string name) => AccountNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    private string Sample(JsonProperty media, Guid account, string text) => JsonSerializer.Serialize(
        media.Value.TryGetProperty("schema", out var schema) ? SampleValue.Of(document, schema, name => IsAccount(name) ? account.ToString() : null, text) : new { });

    private string Value(string name, JsonElement parameter, Guid account, string text) => IsAccount(name)
        ? account.ToString()
        : Uri.EscapeDataString(SampleValue.Of(document, parameter.GetProperty("schema"), _ => null, text)?.ToString() ?? text);

    private IEnumerable<JsonElement> Parameters() => json.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : [];
}
