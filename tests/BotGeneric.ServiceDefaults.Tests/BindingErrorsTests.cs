using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.ServiceDefaults.Http;
using Microsoft.AspNetCore.Builder;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class BindingErrorsTests
{
    private enum Width
    {
        Hour,
        Day,
    }

    [Theory]
    [InlineData("account=alice&limit=1", "account", "UUID")]
    [InlineData("limit=1", "account", "UUID")]
    [InlineData("account=0192f0c1-2345-7abc-8def-0123456789ab&limit=many", "limit", "whole number")]
    [InlineData("account=0192f0c1-2345-7abc-8def-0123456789ab&at=soon", "at", "RFC 3339")]
    [InlineData("account=0192f0c1-2345-7abc-8def-0123456789ab&width=year", "width", "one of: hour, day")]
    public async Task A_parameter_that_cannot_be_read_is_named_with_what_to_send(string query, string parameter, string advice)
    {
        await using var service = await TestService.StartAsync(
            app => app.MapGet("/list", (Guid account, int? limit, DateTimeOffset? at, EnumParameter<Width>? width) => $"{account}{limit}{at}{width}").AllowAnonymous());
        using var client = service.CreateVisitor();

        using var response = await client.GetAsync($"/list?{query}");
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(advice, problem.GetProperty("errors").GetProperty(parameter)[0].GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Nullable", problem.ToString(), StringComparison.Ordinal);
    }
}
