using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Xml.Linq;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.ServiceDefaults;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class PaddleProblemTests
{
    [Theory]
    [InlineData("customer_already_exists", 409, "payment-customer-exists")]
    [InlineData("subscription_locked_renewal", 409, "subscription-locked")]
    [InlineData("subscription_locked_processing", 409, "subscription-locked")]
    [InlineData("subscription_locked_pending_changes", 409, "subscription-change-pending")]
    [InlineData("subscription_locked_by_something_new", 409, "subscription-locked")]
    [InlineData("subscription_update_when_past_due", 409, "subscription-past-due")]
    [InlineData("subscription_update_when_canceled", 409, "subscription-canceled")]
    [InlineData("subscription_update_when_trialing", 409, "subscription-in-trial")]
    [InlineData("subscription_outstanding_transaction", 409, "payment-outstanding")]
    [InlineData("subscription_outstanding_pending_refund", 409, "refund-pending")]
    [InlineData("subscription_payment_declined", 402, "payment-declined")]
    [InlineData("subscription_missing_payment_method_cannot_activate", 402, "payment-method-missing")]
    [InlineData("subscription_immediate_charge_hour_limit_exceeded", 429, "subscription-too-many-changes")]
    [InlineData("subscription_immediate_charge_24_hour_limit_exceeded", 429, "subscription-too-many-changes")]
    [InlineData("transaction_immutable", 409, "transaction-final")]
    [InlineData("concurrent_modification", 409, "payment-changed-meanwhile")]
    [InlineData("transaction_default_checkout_url_not_set", 503, "checkout-not-set-up")]
    [InlineData("transaction_checkout_url_domain_is_not_approved", 503, "checkout-not-set-up")]
    [InlineData("transaction_price_different_billing_cycle", 422, "prices-do-not-fit")]
    [InlineData("transaction_price_different_trial_period", 422, "prices-do-not-fit")]
    [InlineData("too_many_requests", 503, "payment-provider-busy")]
    [InlineData("not_found", 404, "payment-not-found")]
    [InlineData("invalid_token", 503, "payment-key-refused")]
    [InlineData("a_code_of_the_future", 502, "payment-provider-refused")]
    [InlineData("http_418", 502, "payment-provider-refused")]
    public void Each_code_has_a_status_and_a_type(string code, int status, string type)
    {
        var problem = Refused(code).ToProblem(new DefaultHttpContext().Response).ProblemDetails;

        Assert.Equal((status, $"urn:botgeneric:problem:{type}"), (problem.Status, problem.Type));
        Assert.Equal((code, "req_7"), (problem.Extensions["code"], problem.Extensions["providerRequestId"]));
        Assert.False(string.IsNullOrEmpty(problem.Title));
    }

    [Theory]
    [InlineData(PaddleOutcome.NotConfigured, "payment-provider-not-configured", "Paddle:ApiKey")]
    [InlineData(PaddleOutcome.Unavailable, "payment-provider-unavailable", "nothing was changed")]
    [InlineData(PaddleOutcome.Unknown, "payment-outcome-unknown", "may or may not have been done")]
    public void What_paddle_did_not_refuse_says_whether_anything_has_changed(PaddleOutcome outcome, string type, string detail)
    {
        var problem = new PaddleFailure(outcome).ToProblem(new DefaultHttpContext().Response).ProblemDetails;

        Assert.Equal((503, $"urn:botgeneric:problem:{type}"), (problem.Status, problem.Type));
        Assert.Contains(detail, problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_code_tells_the_id_that_support_asks_for_and_none_of_paddles_words()
    {
        var problem = Refused("a_code_of_the_future").ToProblem(new DefaultHttpContext().Response).ProblemDetails;

        Assert.Contains("req_7", problem.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("lee@example.com", JsonSerializer.Serialize(problem), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_reads_title_and_detail_in_their_language_the_fields_and_when_to_come_back()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.AddHostDefaults();
        await using var app = builder.Build();
        app.UseHostDefaults();
        app.MapGet("/api/invalid", (HttpResponse response) => new PaddleFailure(
            PaddleOutcome.Refused,
            new PaddleError(400, "invalid_field", "words", [new("name", "too long"), new("name", "too odd"), new(null, "?")], "req_7")).ToProblem(response));
        app.MapGet("/api/wait", (HttpResponse response) => (Refused("subscription_locked_renewal") with { RetryAfter = TimeSpan.FromSeconds(90.5) }).ToProblem(response));
        await app.StartAsync();
        using var client = app.GetTestClient();
        client.DefaultRequestHeaders.Add("Accept-Language", "uk");

        var invalid = await client.GetAsync("/api/invalid");
        var wait = await client.GetAsync("/api/wait");

        var problem = await invalid.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "application/problem+json"), (invalid.StatusCode, invalid.Content.Headers.ContentType?.MediaType));
        Assert.Equal("Платіжна система не прийняла значення", problem.GetProperty("title").GetString());
        Assert.Equal(["too long", "too odd"], problem.GetProperty("errors").GetProperty("name").EnumerateArray().Select(message => message.GetString()));
        Assert.Equal("invalid_field", problem.GetProperty("code").GetString());
        Assert.Equal(TimeSpan.FromSeconds(91), wait.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public void Every_reason_has_its_words_in_every_language()
    {
        var reasons = PaddleProblems.Codes.Append("a_code_of_the_future").Append("subscription_missing_payment_method_")
            .Select(code => PaddleProblems.ReasonOf(Refused(code)).Name)
            .Concat(Enum.GetValues<PaddleOutcome>().Where(outcome => outcome is not (PaddleOutcome.Done or PaddleOutcome.Refused))
                .Select(outcome => PaddleProblems.ReasonOf(new PaddleFailure(outcome)).Name))
            .Distinct().SelectMany(name => new[] { $"{name}.title", $"{name}.detail" }).Order(StringComparer.Ordinal).ToList();

        foreach (var file in new[] { "PaddleTexts.resx", "PaddleTexts.ru.resx", "PaddleTexts.uk.resx" })
        {
            var keys = XDocument.Load(Path.Combine(RepositoryPaths.Root, "services", "Billing", "Paddle", "Client", file))
                .Root!.Elements("data").Select(data => data.Attribute("name")!.Value).Order(StringComparer.Ordinal);
            Assert.Equal(reasons, keys);
        }

        Assert.NotEqual(
            PaddleTexts.Get("payment-declined.title", CultureInfo.GetCultureInfo("ru")), PaddleTexts.Get("payment-declined.title", CultureInfo.GetCultureInfo("uk")));
    }

    private static PaddleFailure Refused(string code) =>
        new(PaddleOutcome.Refused, new PaddleError(400, code, "about lee@example.com", [], "req_7"));
}
