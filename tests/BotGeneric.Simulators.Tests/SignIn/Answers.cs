using System.Buffers.Text;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>Reads what a browser would read.</summary>
public static partial class Answers
{
    /// <summary>The parameters that an answer carries to the client, from the redirect or from the form that submits itself.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(HttpResponseMessage response)
    {
        if (response.Headers.Location is { } location)
        {
            var text = location.Fragment.Length > 0 ? location.Fragment[1..] : location.Query;
            return QueryHelpers.ParseQuery(text).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Hidden(await response.Content.ReadAsStringAsync());
    }

    /// <summary>The hidden fields of the first form of a page.</summary>
    public static IReadOnlyDictionary<string, string> Hidden(string page) => HiddenFields()
        .Matches(page[..page.IndexOf("</form>", StringComparison.Ordinal)])
        .ToDictionary(match => match.Groups["name"].Value, match => WebUtility.HtmlDecode(match.Groups["value"].Value));

    /// <summary>The claims of a token, unchecked.</summary>
    public static JsonObject Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();

    /// <summary>The header of a token, unchecked.</summary>
    public static JsonObject Header(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[0]))!.AsObject();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\">")]
    private static partial Regex HiddenFields();
}
