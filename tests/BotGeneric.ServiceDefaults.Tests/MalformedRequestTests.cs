using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Resources;
using System.Text;
using System.Text.Json;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.ServiceDefaults.Tests;

/// <summary>That a request which cannot be read is answered with the field at fault and what to send there, and with nothing of the program.</summary>
public sealed class MalformedRequestTests : IAsyncLifetime
{
    private const string Good =
        """{"quantity":1,"size":"big","at":"2026-01-01T00:00:00Z","id":"0192f0c1-2345-7abc-8def-0123456789ab","limits":[{"amount":1.5}],"name":"x","needed":"n"}""";

    private TestService _service = null!;

    internal enum Size
    {
        Big,
        VerySmall,
    }

    public async Task InitializeAsync() => _service = await TestService.StartAsync(app =>
    {
        app.MapPost("/api/orders", (Order order) => TypedResults.Ok(order.Quantity)).AllowAnonymous();
        app.MapPost("/api/tables", (Dictionary<string, Order[]> orders) => TypedResults.Ok(orders.Count)).AllowAnonymous();
        app.MapPost("/api/small", (Order order) => TypedResults.Ok(order.Quantity)).AllowAnonymous().WithMetadata(new RequestSizeLimitAttribute(100));
        app.MapGet(
            "/api/orders/{number:int}",
            ([AsParameters] Question question, int number, [FromHeader(Name = "X-Tenant")] Guid? tenant, [FromQuery(Name = "sized")] EnumParameter<Size>? size, DateOnly[] days) =>
                $"{question}{number}{tenant}{size}{days.Length}").AllowAnonymous();
    });

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Theory]
    [InlineData("", "$", "empty or null. Send a JSON object")]
    [InlineData("null", "$", "empty or null. Send a JSON object")]
    [InlineData("[]", "$", "Send a JSON object")]
    [InlineData("\"order\"", "$", "Send a JSON object")]
    [InlineData("""{"quantity":1,"size":"bi""", "$", "line 1, byte 25")]
    [InlineData("{\n  secret", "$", "line 2, byte 3")]
    [InlineData(Good + "trailing", "$", "line 1, byte 15")]
    [InlineData("{}", "needed", "missing. Send text")]
    [InlineData("{}", "limits", "missing. Send a JSON array")]
    [InlineData("""{"quantity":1}""", "size", "missing. Send one of: big, verySmall.")]
    public async Task A_body_that_is_no_order_is_refused_and_the_order_is_described(string body, string field, string advice) =>
        await ExpectAsync(await PostAsync(body), field, advice);

    [Theory]
    [InlineData("\"quantity\":1", "\"quantity\":\"1\"", "quantity", "Send a whole number, without quotes.")]
    [InlineData("\"quantity\":1", "\"QUANTITY\":true", "quantity", "Send a whole number, without quotes.")]
    [InlineData("\"quantity\":1", "\"quantity\":null", "quantity", "Send a whole number")]
    [InlineData("\"quantity\":1", "\"quantity\":99999999999", "quantity", "from -2147483648 to 2147483647")]
    [InlineData("\"quantity\":1", "\"quantity\":1.5", "quantity", "from -2147483648 to 2147483647")]
    [InlineData("\"x\"", "null", "name", "Send text")]
    [InlineData("\"x\"", "5", "name", "Send text, in quotes.")]
    [InlineData("\"x\"", "\"\\ud800\"", "name", "valid UTF-8")]
    [InlineData("\"n\"", "{}", "needed", "Send text")]
    [InlineData("\"n\"", "null", "needed", "Send text")]
    [InlineData("[{\"amount\":1.5}]", "null", "limits", "Send a JSON array.")]
    [InlineData("[{\"amount\":1.5}]", "{}", "limits", "Send a JSON array.")]
    [InlineData("[{\"amount\":1.5}]", "[5]", "limits[0]", "Send a JSON object.")]
    [InlineData("1.5", "\"a\"", "limits[0].amount", "Send a number, without quotes.")]
    [InlineData("1.5", "1e400", "limits[0].amount", "Send a number from -7")]
    [InlineData("\"amount\":1.5", "", "limits[0].amount", "missing. Send a number")]
    [InlineData("\"amount\":1.5", "\"amount\":1,\"a.b\":1", "limits[0]['a.b']", "not known. Remove it or correct its name. Known here: amount, note.")]
    [InlineData("\"name\"", "\"colour\":1,\"name\"", "colour", "Known here: quantity, size, at,")]
    [InlineData("\"big\"", "\"huge\"", "size", "Send one of: big, verySmall.")]
    [InlineData("\"big\"", "0", "size", "Send one of: big, verySmall.")]
    [InlineData("2026-01-01T00:00:00Z", "soon", "at", "RFC 3339")]
    [InlineData("\"2026-01-01T00:00:00Z\"", "5", "at", "RFC 3339")]
    [InlineData("0192f0c1", "zz", "id", "Send a UUID")]
    [InlineData("\"name\"", "\"counts\":{\"a.b\":\"x\"},\"name\"", "counts['a.b']", "Send a whole number")]
    [InlineData("\"name\"", "\"counts\":[],\"name\"", "counts", "Send a JSON object.")]
    [InlineData("\"name\"", "\"flag\":\"yes\",\"name\"", "flag", "Send true or false, without quotes.")]
    [InlineData("\"name\"", "\"pause\":\"1h\",\"name\"", "pause", "Send a duration")]
    [InlineData("\"name\"", "\"day\":\"2026-13-01\",\"name\"", "day", "Send a date")]
    [InlineData("\"name\"", "\"hour\":\"25\",\"name\"", "hour", "Send a time of day")]
    [InlineData("\"name\"", "\"bytes\":\"%\",\"name\"", "bytes", "Base64")]
    [InlineData("\"name\"", "\"link\":5,\"name\"", "link", "Send an address")]
    public async Task A_field_that_does_not_fit_is_named_with_what_to_send(string part, string instead, string field, string advice)
    {
        var body = Good.Replace(part, instead, StringComparison.Ordinal);
        Assert.NotEqual(Good, body);

        await ExpectAsync(await PostAsync(body), field, advice);
    }

    [Fact]
    public async Task A_good_order_is_taken()
    {
        using var response = await PostAsync(Good);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_list_within_an_object_is_followed_to_the_field()
    {
        using var client = _service.CreateVisitor();

        using var response = await client.PostAsync("/api/tables", Json(Encoding.UTF8.GetBytes("""{"first":[{"quantity":"1"}]}""")));

        await ExpectAsync(response, "first[0].quantity", "Send a whole number");
    }

    [Fact]
    public async Task Text_that_is_no_utf_8_is_refused()
    {
        var body = Encoding.UTF8.GetBytes(Good);
        body[Array.IndexOf(body, (byte)'x')] = 0xff;

        await ExpectAsync(await PostAsync(body), "name", "Send text in valid UTF-8.");
    }

    [Fact]
    public async Task A_body_that_is_nested_too_deeply_is_refused() =>
        await ExpectAsync(await PostAsync(Good.Replace("\"name\"", $"\"any\":{new string('[', 100)},\"name\"", StringComparison.Ordinal)), "$", "at most 64 levels");

    [Fact]
    public async Task The_name_of_a_field_is_repeated_only_in_part()
    {
        using var response = await PostAsync(Good.Replace("\"name\"", $"\"{new string('a', 5000)}\":1,\"name\"", StringComparison.Ordinal));

        var field = Assert.Single((await ProblemAsync(response)).GetProperty("errors").EnumerateObject());
        Assert.InRange(field.Name.Length, 1, 201);
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType, "application/json")]
    [InlineData("", HttpStatusCode.UnsupportedMediaType, "application/json")]
    [InlineData("application json", HttpStatusCode.UnsupportedMediaType, "application/json")]
    [InlineData("application/json; charset=nope", HttpStatusCode.UnsupportedMediaType, "UTF-8")]
    [InlineData("application/json; charset=utf-16", HttpStatusCode.BadRequest, "documented shape")]
    public async Task A_body_of_another_type_is_refused_and_the_right_one_named(string type, HttpStatusCode status, string advice)
    {
        using var client = _service.CreateVisitor();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        if (type.Length > 0)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var response = await client.PostAsync("/api/orders", content);

        Assert.Equal(status, response.StatusCode);
        Assert.Contains(advice, (await ProblemAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var client = _service.CreateVisitor();

        using var response = await client.PostAsync("/api/small", Json(Encoding.UTF8.GetBytes(Good)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("larger than", (await ProblemAsync(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "from", "missing. Send an RFC 3339 time")]
    [InlineData("from=soon", "from", "Send an RFC 3339 time")]
    [InlineData("from=2026-01-01T00:00:00Z&limit=many", "limit", "Send a whole number.")]
    [InlineData("from=2026-01-01T00:00:00Z&limit=99999999999", "limit", "from -2147483648 to 2147483647")]
    [InlineData("from=2026-01-01T00:00:00Z&sized=huge", "sized", "Send one of: big, verySmall.")]
    [InlineData("from=2026-01-01T00:00:00Z&days=2026-01-01&days=soon", "days", "Send a date")]
    [InlineData("from=2026-01-01T00:00:00Z&exact=perhaps", "exact", "Send true or false.")]
    [InlineData("from=2026-01-01T00:00:00Z&limit=%00", "limit", "U+0000")]
    [InlineData("from=%22quoted%22%0Aline", "from", "Send an RFC 3339 time")]
    public async Task A_parameter_that_cannot_be_read_is_named_as_it_is_sent(string query, string parameter, string advice)
    {
        using var client = _service.CreateVisitor();

        using var response = await client.GetAsync($"/api/orders/1?{query}");

        await ExpectAsync(response, parameter, advice);
    }

    [Fact]
    public async Task A_header_that_cannot_be_read_is_named_as_it_is_sent()
    {
        using var client = _service.CreateVisitor();
        client.DefaultRequestHeaders.Add("X-Tenant", "nobody");

        using var response = await client.GetAsync("/api/orders/1?from=2026-01-01T00:00:00Z");

        await ExpectAsync(response, "X-Tenant", "Send a UUID");
    }

    [Theory]
    [InlineData("ru", "Пришлите целое число без кавычек.", "Тело — не JSON того вида")]
    [InlineData("uk", "Надішліть ціле число без лапок.", "Тіло — не JSON того вигляду")]
    [InlineData("de", "Send a whole number, without quotes.", "The body is not JSON")]
    public async Task The_advice_is_in_the_callers_language(string language, string advice, string detail)
    {
        using var client = _service.CreateVisitor();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);

        using var response = await client.PostAsync("/api/orders", Json(Encoding.UTF8.GetBytes("""{"quantity":"1"}""")));
        var problem = await ProblemAsync(response);

        Assert.Equal(advice, problem.GetProperty("errors").GetProperty("quantity")[0].GetString());
        Assert.StartsWith(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ru")]
    [InlineData("uk")]
    public void Every_text_is_there_in_every_language_with_the_same_places(string language)
    {
        var texts = new ResourceManager("BotGeneric.ServiceDefaults.Problems.ProblemAdvice", typeof(ProblemTypes).Assembly);
        var english = texts.GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!;
        var other = texts.GetResourceSet(CultureInfo.GetCultureInfo(language), createIfNotExists: true, tryParents: false)!;
        foreach (System.Collections.DictionaryEntry entry in english)
        {
            var translated = other.GetString((string)entry.Key);
            Assert.False(string.IsNullOrEmpty(translated), $"{entry.Key} is missing.");
            Assert.Equal(((string)entry.Value!).Count(character => character == '{'), translated.Count(character => character == '{'));
            Assert.NotEqual((string)entry.Value!, translated);
        }
    }

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static async Task ExpectAsync(HttpResponseMessage response, string field, string advice)
    {
        var problem = await ProblemAsync(response);
        response.Dispose();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("urn:botgeneric:problem:invalid-request", problem.GetProperty("type").GetString());
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out var errors), problem.ToString());
        Assert.Contains(advice, errors[0].GetString(), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync();
        foreach (var foreign in new[] { "System.", "BotGeneric.", "Order", "Limit\"", "Nullable", ".NET", "Path:", "BytePosition", "parameter \"", "Implicit", "secret", "trailing", "soon", "huge" })
        {
            Assert.DoesNotContain(foreign, text, StringComparison.Ordinal);
        }

        return JsonElement.Parse(text);
    }

    private Task<HttpResponseMessage> PostAsync(string body) => PostAsync(Encoding.UTF8.GetBytes(body));

    private async Task<HttpResponseMessage> PostAsync(byte[] body)
    {
        using var client = _service.CreateVisitor();
        return await client.PostAsync("/api/orders", Json(body));
    }

    internal sealed record Limit(decimal Amount, string? Note = null);

    internal sealed record Question(DateTimeOffset From, int? Limit, bool? Exact);

    internal sealed record Order(int Quantity, Size Size, DateTimeOffset At, Guid Id, IReadOnlyList<Limit> Limits, string Name)
    {
        public required string Needed { get; init; }

        public IReadOnlyDictionary<string, int>? Counts { get; init; }

        public object? Any { get; init; }

        public Uri? Link { get; init; }

        public TimeSpan? Pause { get; init; }

        public byte[]? Bytes { get; init; }

        public DateOnly? Day { get; init; }

        public TimeOnly? Hour { get; init; }

        public bool? Flag { get; init; }
    }
}
