using System.Net;
using System.Text.RegularExpressions;

namespace BotGeneric.Identity.Tests.Support;

/// <summary>
/// A browser as far as a server can tell: it keeps cookies, and it posts a form with all its hidden fields after it has seen the page.
/// It follows no redirect by itself, so that a test sees each.
/// </summary>
public sealed partial class Browser(HttpClient client) : IDisposable
{
    /// <summary>The client, for what is not a form.</summary>
    public HttpClient Client { get; } = client;

    /// <summary>Opens a page.</summary>
    public Task<HttpResponseMessage> GetAsync(string address) => Client.GetAsync(new Uri(address, UriKind.RelativeOrAbsolute));

    /// <summary>Opens a page and gives its HTML. The page must be there.</summary>
    public async Task<string> ReadAsync(string address)
    {
        using var response = await GetAsync(address);
        var html = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{address} answered {(int)response.StatusCode}: {html}");
        return html;
    }

    /// <summary>Opens a page, fills in the form that posts to an address, and sends it.</summary>
    /// <param name="page">The page.</param>
    /// <param name="action">The path that the form posts to; null: the page's own.</param>
    /// <param name="fields">What is filled in; hidden fields of the form are sent as they stand.</param>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string? action, params IEnumerable<(string Name, string Value)> fields) =>
        await SubmitAsync(new Form(await ReadAsync(page), action ?? page.Split('?')[0]), fields);

    /// <summary>Sends a form of a page that was read before.</summary>
    public Task<HttpResponseMessage> SubmitAsync(Form form, params IEnumerable<(string Name, string Value)> fields)
    {
        ArgumentNullException.ThrowIfNull(form);
        var values = new List<KeyValuePair<string, string>>(form.Hidden);
        foreach (var (name, value) in fields)
        {
            values.RemoveAll(field => field.Key == name);
            values.Add(new(name, value));
        }

        return Client.PostAsync(new Uri(form.Action, UriKind.Relative), new FormUrlEncodedContent(values));
    }

    public void Dispose() => Client.Dispose();

    /// <summary>A form of a page.</summary>
    public sealed class Form
    {
        public Form(string html, string action)
        {
            var found = Forms().Matches(html).FirstOrDefault(form => Path(Attribute(form.Groups["attributes"].Value, "action")) == action)
                ?? throw new InvalidOperationException($"The page has no form that posts to {action}: {html}");
            Action = Attribute(found.Groups["attributes"].Value, "action")!;
            Hidden = [.. Inputs().Matches(found.Groups["content"].Value)
                .Select(input => input.Value)
                .Where(input => Attribute(input, "type") == "hidden")
                .Select(input => new KeyValuePair<string, string>(Attribute(input, "name")!, Attribute(input, "value") ?? string.Empty))];
        }

        public string Action { get; }

        public IReadOnlyList<KeyValuePair<string, string>> Hidden { get; }

        private static string? Path(string? address) => address?.Split('?')[0];

        private static string? Attribute(string element, string name)
        {
            var match = Regex.Match(element, $"\\b{name}=\"([^\"]*)\"");
            return match.Success ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;
        }
    }

    [GeneratedRegex("""<form(?<attributes>[^>]*)>(?<content>.*?)</form>""", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("""<input[^>]*>""", RegexOptions.Singleline)]
    private static partial Regex Inputs();
}
