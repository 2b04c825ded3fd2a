using System.Net;
using System.Net.Http.Json;
using BotGeneric.AppHost.Native;
using BotGeneric.Testing;

namespace BotGeneric.AppHost.Tests;

public sealed class TraceTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string ParentId = "b7ad6b7169203331";
    private static readonly HttpClient Http = new();

    [Fact]
    public async Task A_request_to_a_service_becomes_visible_as_a_trace()
    {
        await using var application = await AppHostProcess.StartAsync(TestApplication.Scenario("chain"));
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(application.AddressOf("first"), "/fail"));
        request.Headers.Add("traceparent", $"00-{TraceId}-{ParentId}-01");

        using var response = await Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        List<TraceSpan> spans = [];
        var started = TimeProvider.System.GetTimestamp();
        while (spans.Count == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestApplication.Patience, "The span never arrived.");
            using var answer = await Http.GetAsync($"{application.Traces}/{TraceId}.json");
            spans = (await answer.Content.ReadFromJsonAsync<List<TraceSpan>>(StateFile.Json))!;
        }

        var span = Assert.Single(spans);
        Assert.Equal("first", span.Service);
        Assert.Equal("server", span.Kind);
        Assert.Equal("error", span.Status);
        Assert.Equal(ParentId, span.ParentSpanId);
        Assert.Equal("500", span.Attributes["http.response.status_code"]);
        Assert.True(span.DurationMilliseconds > 0);
        var page = await Http.GetStringAsync($"{application.Traces}/{TraceId}");
        Assert.Contains("<table>", page);
        Assert.Contains("first", page);
        var list = await Http.GetFromJsonAsync<List<TraceSummary>>($"{application.Traces}.json", StateFile.Json);
        Assert.Contains(list!, trace => trace.TraceId == TraceId && trace.Errors == 1);
    }

    [Theory]
    [InlineData("ff")]
    [InlineData("0a05")]
    [InlineData("0affffffffffffffffffff01")]
    [InlineData("0f")]
    public void What_is_not_a_protobuf_message_is_refused(string hex) =>
        Assert.Throws<InvalidDataException>(() => OtlpTraceReader.Read(Convert.FromHexString(hex)));

    [Fact]
    public void The_oldest_traces_go_first_when_there_are_too_many()
    {
        var store = new TraceStore(capacity: 3);

        store.Add([Span("a", "1"), Span("a", "2"), Span("b", "3"), Span("c", "4")]);

        Assert.Empty(store.Find("a"));
        Assert.Single(store.Find("b"));
        Assert.Single(store.Find("c"));
        Assert.Equal(2, store.Recent(10).Count);
    }

    private static TraceSpan Span(string traceId, string spanId) => new(
        traceId, spanId, null, "service", "name", "internal", DateTimeOffset.UnixEpoch, 1, "unset", null, new Dictionary<string, string>());
}
