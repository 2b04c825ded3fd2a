using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace BotGeneric.Billing.Tests.Operations;

/// <summary>Things of which Paddle says something that Billing cannot read, as a later version of Paddle might.</summary>
public sealed class Damage
{
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);

    /// <summary>Damages a thing.</summary>
    /// <param name="id">Paddle's id.</param>
    /// <param name="isListed">Whether lists have it.</param>
    public void Add(string id, bool isListed = true) => _ids[id] = isListed;

    /// <summary>Repairs everything.</summary>
    public void Clear() => _ids.Clear();

    internal bool Has(string id, out bool isListed) => _ids.TryGetValue(id, out isListed);
}

/// <summary>Damages answers on their way.</summary>
/// <param name="damage">What.</param>
internal sealed class DamageHandler(Damage damage) : DelegatingHandler
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Get || !response.IsSuccessStatusCode)
        {
            return response;
        }

        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        foreach (var item in answer["data"] is JsonArray list ? [.. list] : new[] { answer["data"] })
        {
            if (item is not JsonObject known || known["id"] is not JsonValue id || !damage.Has((string)id!, out var isListed))
            {
                continue;
            }

            known["created_at"] = "the day before yesterday";
            if (!isListed && answer["data"] is JsonArray all)
            {
                all.Remove(item);
            }
        }

        response.Content = new StringContent(answer.ToJsonString(), MediaTypeHeaderValue.Parse("application/json"));
        return response;
    }
}
