using System.Net;

namespace BotGeneric.Simulators.Tests.SignIn;

/// <summary>The page, as a person uses it.</summary>
public sealed class PageTests : IAsyncDisposable
{
    private readonly SignInSimulatorHost _host = new();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("google")]
    [InlineData("apple")]
    [InlineData("telegram")]
    public async Task A_person_who_is_chosen_signs_in(string name)
    {
        var provider = TestProvider.Of(name);

        using var response = await ChooseAsync(provider, await ShowAsync(provider), ("person", "boris"));
        var (status, tokens) = await _host.ExchangeAsync(provider, (await Answers.ReadAsync(response))["code"]);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True((await _host.ValidateAsync(provider, (string)tokens["id_token"]!)).IsValid);
    }

    [Fact]
    public async Task A_person_who_is_invented_signs_in_and_is_offered_the_next_time()
    {
        var provider = TestProvider.Google;

        using var response = await ChooseAsync(
            provider, await ShowAsync(provider), ("action", "invent"), ("given_name", "<b>Олена</b>"), ("family_name", "Тест"), ("email", "olena@example.com"));
        var (_, tokens) = await _host.ExchangeAsync(provider, (await Answers.ReadAsync(response))["code"]);
        var page = await ShowAsync(provider);

        var claims = Answers.Claims((string)tokens["id_token"]!);
        Assert.Equal("<b>Олена</b> Тест", (string)claims["name"]!);
        // The box was not ticked.
        Assert.False((bool)claims["email_verified"]!);
        Assert.Contains("olena@example.com", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("google", "access_denied")]
    [InlineData("apple", "user_cancelled_authorize")]
    [InlineData("telegram", "access_denied")]
    public async Task A_person_who_cancels_is_sent_back_with_the_providers_error(string name, string error)
    {
        var provider = TestProvider.Of(name);

        using var response = await ChooseAsync(provider, await ShowAsync(provider), ("action", "cancel"));
        var answer = await Answers.ReadAsync(response);

        Assert.Equal(name == "apple", response.Headers.Location is null);
        Assert.Equal(error, answer["error"]);
        Assert.Equal("the-state", answer["state"]);
    }

    [Fact]
    public async Task A_page_can_be_answered_once()
    {
        var page = await ShowAsync(TestProvider.Google);
        using var first = await ChooseAsync(TestProvider.Google, page, ("person", "anna"));

        using var second = await ChooseAsync(TestProvider.Google, page, ("person", "anna"));

        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, second.StatusCode);
    }

    [Fact]
    public async Task A_page_is_of_no_use_to_another_provider()
    {
        using var response = await ChooseAsync(TestProvider.Telegram, await ShowAsync(TestProvider.Google), ("person", "anna"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_choice_that_cannot_be_used_shows_the_page_again()
    {
        using var response = await ChooseAsync(TestProvider.Google, await ShowAsync(TestProvider.Google), ("action", "invent"), ("given_name", " "));

        Assert.Contains("role=\"alert\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_by_form_shows_the_page_too()
    {
        using var content = new FormUrlEncodedContent(TestProvider.Google.Authorization([]));

        using var response = await _host.Http.PostAsync(TestProvider.Google.AuthorizePath, content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_page_runs_no_script_and_leads_only_to_the_client()
    {
        using var response = await _host.AuthorizeAsync(TestProvider.Google);

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("form-action 'self' http://localhost:8080;", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    private async Task<string> ShowAsync(TestProvider provider)
    {
        using var response = await _host.AuthorizeAsync(provider);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<HttpResponseMessage> ChooseAsync(TestProvider provider, string page, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(
            fields.Append(("request", Answers.Hidden(page)["request"])).Select(field => KeyValuePair.Create(field.Item1, field.Item2)));
        return await _host.Http.PostAsync($"/sign-in/{provider.Name}/choose", content);
    }
}
